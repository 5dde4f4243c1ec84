import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { parse } from "yaml";
import { buildspec, LONGEST_BUILDSPEC, uncheckedInstaller } from "../../../cli/request/buildspec.ts";
import { VERSION } from "../../../shared/program/version.ts";
import { serveRawHttp } from "../../fixtures/servers/raw_http_server.ts";

interface Buildspec {
  readonly version: number;
  readonly env?: unknown;
  readonly phases: Record<string, { readonly commands: readonly string[] }>;
}

const SHELLS = [["dash"], ["bash"], ["busybox", "sh"]] as const;
const HAS_CURL = await isInstalled("curl");
const INSTALLER = `set -eu
printf '%s\\n' "$@" > "$OUTPUT"
`;

const SHA256 = sha256Of(INSTALLER);

function parsed(releaseUrl: string, options: { runnerType?: "docker"; sha256?: string } = {}): Buildspec {
  const { runnerType = "shell", sha256 = SHA256 } = options;
  const text = buildspec({ runnerType, releaseUrl }, sha256);
  assert.ok(text.length < LONGEST_BUILDSPEC);
  return parse(text);
}

function sha256Of(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

Deno.test("`buildspec()` calls installer and phase scripts, one phase each, and leaves the shell to the image", () => {
  const { version, env, phases } = parsed("https://mirror.test/v1", { runnerType: "docker" });
  assert.equal(version, 0.2);
  assert.equal(env, undefined);
  assert.deepEqual(Object.keys(phases), ["install", "pre_build", "build", "post_build"]);
  for (const phase of ["pre_build", "build", "post_build"]) {
    assert.deepEqual(phases[phase]?.commands, [`"\${RUNNER_HOME:-/runner}/${phase}.sh"`]);
  }
  assert.match(phases["install"]?.commands[0] ?? "", /'https:\/\/mirror\.test\/v1\/install-docker\.sh'/);
});

for (const [shell = "", ...more] of SHELLS) {
  const ignore = !HAS_CURL || !await isInstalled(shell);
  Deno.test(
    `the buildspec's commands are understood by ${[shell, ...more].join(" ")}`,
    { ignore },
    async () => {
      for (const { commands } of Object.values(parsed("https://mirror.test/v1").phases)) {
        for (const command of commands) {
          const { code, stderr } = await run([shell, ...more, "-n", "-c", command], {});
          assert.equal(code, 0, stderr);
        }
      }
    },
  );

  Deno.test(
    `the buildspec's install phase runs no other installer than the release's under ${
      [shell, ...more].join(" ")
    }`,
    { ignore },
    async () => {
      const hostile = 'touch "$OUTPUT"\n';
      await using server = disposable(serveRawHttp(() => {
        return { kind: "answer", status: 200, headers: {}, body: hostile };
      }));
      const folder = await Deno.makeTempDir();
      try {
        const command = parsed(server.url).phases["install"]?.commands[0] ?? "";
        const env = { OUTPUT: `${folder}/output`, TMPDIR: folder };
        const { code, stderr } = await run([shell, ...more, "-c", command], env);
        assert.equal(code, 1);
        assert.equal(
          stderr,
          `error: Cannot use ${server.url}/install-shell.sh: its sha256 is ${
            sha256Of(hostile)
          }, not ${SHA256}\n` +
            `hint: --release-url must lead to the files of the release ${VERSION} as they are: installer, SHA256SUMS, archive\n`,
        );
        assert.deepEqual([...Deno.readDirSync(folder)], []);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  );

  Deno.test(
    `the buildspec's install phase downloads and runs the installer under ${[shell, ...more].join(" ")}`,
    { ignore },
    async () => {
      const asked: string[] = [];
      await using server = disposable(serveRawHttp(({ path }) => {
        asked.push(path);
        // The first connection breaks, as networks do.
        if (asked.length === 1) return { kind: "close" };
        return { kind: "answer", status: 200, headers: {}, body: INSTALLER };
      }));
      const folder = await Deno.makeTempDir();
      try {
        const command = parsed(`${server.url}/v1`).phases["install"]?.commands[0] ?? "";
        const env = { OUTPUT: `${folder}/output`, RUNNER_HOME: `${folder}/a home`, TMPDIR: folder };
        const { code, stderr } = await run([shell, ...more, "-c", command], env);
        assert.equal(code, 0, stderr);
        assert.deepEqual(asked, ["/v1/install-shell.sh", "/v1/install-shell.sh"]);
        const given = (await Deno.readTextFile(`${folder}/output`)).trim().split("\n");
        assert.deepEqual(given, ["--dest", `${folder}/a home`, "--base-url", `${server.url}/v1`]);
        assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["output"]);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  );
}

Deno.test(
  "the buildspec's install phase fails with the installer's own exit code",
  { ignore: !HAS_CURL },
  async () => {
    await using server = disposable(serveRawHttp(() => {
      return { kind: "answer", status: 200, headers: {}, body: "exit 7" };
    }));
    const { phases } = parsed(server.url, { sha256: sha256Of("exit 7") });
    assert.equal((await run(["sh", "-c", phases["install"]?.commands[0] ?? ""], {})).code, 7);
  },
);

Deno.test("the buildspec's install phase says what it cannot download", { ignore: !HAS_CURL }, async () => {
  await using server = disposable(serveRawHttp(() => {
    return { kind: "answer", status: 404, headers: {}, body: "exit 0" };
  }));
  const command = parsed(server.url).phases["install"]?.commands[0] ?? "";
  const { code, stderr } = await run(["sh", "-c", command], {});
  assert.equal(code, 1);
  assert.match(
    stderr,
    /error: Cannot download http:\/\/127\.0\.0\.1:\d+\/install-shell\.sh: curl: \(22\) .*404/,
  );
  assert.match(stderr, /hint: check --release-url/);
});

Deno.test("the buildspec's install phase follows no redirect off https", { ignore: !HAS_CURL }, async () => {
  const asked: string[] = [];
  await using server = disposable(serveRawHttp(({ path }) => {
    asked.push(path);
    return path === "/elsewhere"
      ? { kind: "answer", status: 200, headers: {}, body: INSTALLER }
      : { kind: "answer", status: 302, headers: { Location: "/elsewhere" }, body: "" };
  }));
  const command = parsed(server.url).phases["install"]?.commands[0] ?? "";
  const { code, stderr } = await run(["sh", "-c", command], {});
  assert.equal(code, 1);
  assert.match(stderr, /error: Cannot download http.*install-shell\.sh: curl: \(1\) .+\n/);
  assert.deepEqual(asked, ["/install-shell.sh"]);
});

Deno.test("the buildspec lets curl use https alone, except on this machine", () => {
  const protocols = (url: string) =>
    /--proto '(\S+)' --proto-redir '=https' --tlsv1\.2/.exec(parsed(url).phases["install"]?.commands[0] ?? "")
      ?.[1];
  assert.equal(protocols("https://mirror.test/v1"), "=https");
  assert.equal(protocols("http://127.0.0.1:1"), "=http,https");
});

Deno.test("a start-runner that knows no installer says so in the buildspec, and checks nothing", () => {
  const text = buildspec({ runnerType: "docker", releaseUrl: "https://mirror.test" });
  const note = uncheckedInstaller({ runnerType: "docker" }) ?? "";
  assert.match(note, /^The build runs install-docker\.sh unchecked: .*made without a release/);
  assert.equal(text.split("\n")[1], `# ${note}`);
  assert.doesNotMatch(text, /sha256 is/);
});

Deno.test("the buildspec's install phase says which of its tools is missing", async () => {
  const command = parsed("https://mirror.test/v1").phases["install"]?.commands[0] ?? "";
  const folder = await Deno.makeTempDir();
  try {
    for (const tool of ["curl", "sha256sum"]) {
      const { code, stderr } = await run(["sh", "-c", command], { PATH: folder });
      assert.equal(code, 1);
      assert.match(stderr, new RegExp(`error: Cannot install the runner: this build image has no ${tool}\n`));
      await Deno.writeTextFile(`${folder}/${tool}`, "", { mode: 0o755 });
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** Machines without one of the shells leave its tests out; where the project is checked, all are there. */
async function isInstalled(program: string): Promise<boolean> {
  return await pathOf(program) !== "";
}

async function pathOf(program: string): Promise<string> {
  const { stdout } = await new Deno.Command("sh", { args: ["-c", `command -v ${program}`] }).output();
  return new TextDecoder().decode(stdout).trim();
}

async function run([program = "", ...args]: readonly string[], env: Record<string, string>) {
  const { code, stderr } = await new Deno.Command(await pathOf(program), {
    args,
    env: { PATH: Deno.env.get("PATH") ?? "", ...env },
    clearEnv: true,
  }).output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}

function disposable<T extends { close(): Promise<void> }>(server: T): T & AsyncDisposable {
  return { ...server, [Symbol.asyncDispose]: () => server.close() };
}
