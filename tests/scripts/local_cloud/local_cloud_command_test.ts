import assert from "node:assert/strict";
import { needing } from "../../fixtures/needing.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

const PROGRAM = new URL("../../../scripts/local_cloud.ts", import.meta.url).pathname;

Deno.test("`local-cloud --platform` refuses a profile with an unknown setting before anything starts", async () => {
  await withProfile({ showStep: true }, async (profile) => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args: args(profile) })
      .output();
    assert.equal(code, 1);
    assert.match(new TextDecoder().decode(stderr), /^error: Cannot use platform profile: unknown showStep/);
    assert.equal(stdout.length, 0);
  });
});

Deno.test(needing(["tar"], "`local-cloud --platform` plays the profile"), async () => {
  await withProfile({ addsSelfHosted: true }, async (profile) => {
    const child = new Deno.Command(Deno.execPath(), { args: args(profile), stdout: "piped" }).spawn();
    try {
      const url = await printedUrl(child.stdout);
      const response = await fetch(`${url}/repositories/acme/demo/pipelines-config/runners`, {
        method: "POST",
        headers: { authorization: "Bearer local-cloud-access-token" },
        body: JSON.stringify({ name: "n", labels: ["linux.shell"] }),
      });
      assert.deepEqual((await response.json()).labels, ["self.hosted", "linux.shell"]);
    } finally {
      child.kill("SIGTERM");
      await child.status;
    }
  });
});

Deno.test(
  needing(
    ["tar", "curl", "gzip", "sha256sum"],
    "start-runner runs in a second shell with what `local-cloud` prints",
  ),
  async () => {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-q", "-A", PROGRAM, "--port", "0", "--quiet", "--fault", "OAuthToken=503"],
      stdout: "piped",
    }).spawn();
    try {
      const printed = await printedUntil(child.stdout, /^# {3} {2}--data-binary .*\n/m);
      const WAYS = [["with.token", ""], ["without", "unset BITBUCKET_STEP_OIDC_TOKEN AWS_ROLE_ARN"]] as const;
      for (const [label, without] of WAYS) {
        assert.ok(printed.includes(without));
        const { code, stdout, stderr } = await new Deno.Command("sh", {
          args: ["-c", `eval "$1"\n${without}\nstart-runner --label ${label}`, "sh", printed],
          clearEnv: true,
          env: { PATH: Deno.env.get("PATH") ?? "", HOME: Deno.env.get("HOME") ?? "" },
        }).output();
        const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
        assert.equal(code, 0, said);
        assert.match(said, /^Runner online: /m);
      }
    } finally {
      child.kill("SIGTERM");
      assert.equal((await child.status).code, 0);
    }
  },
);

function args(profile: string): string[] {
  return ["run", "-q", "-A", PROGRAM, "--port", "0", "--quiet", "--platform", profile];
}

async function withProfile(profile: object, body: (file: string) => Promise<void>): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/profile.json`, JSON.stringify(profile));
    await body(`${folder}/profile.json`);
  });
}

/** The address of Bitbucket's API, which the program prints among the variables to be set. */
async function printedUrl(stdout: ReadableStream<Uint8Array>): Promise<string> {
  const text = await printedUntil(stdout, /BITBUCKET_API_URL=(\S+)\n/);
  return /BITBUCKET_API_URL=(\S+)\n/.exec(text)?.[1] ?? "";
}

async function printedUntil(stdout: ReadableStream<Uint8Array>, end: RegExp): Promise<string> {
  let text = "";
  for await (const chunk of stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (end.test(text)) return text;
  }
  throw new Error(`${end} was not printed: ${text}`);
}
