import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { commitFiles, makeRepository } from "../../fixtures/git/git_repository.ts";
import { needing } from "../../fixtures/needing.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

const PROGRAM = fileURLToPath(new URL("../../../scripts/local_cloud.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../../deno.json", import.meta.url));
const FILES = fileURLToPath(new URL("run/files/", import.meta.url));
const TOOLS = ["git", "bash", "curl", "tar", "gzip", "sha256sum"];

Deno.test(
  needing(
    TOOLS,
    "`local-cloud run` plays files before, on and after a runner, through faults, and leaves nothing",
  ),
  async () => {
    await inRepository({ "README.md": "A repository" }, async (run) => {
      const { code, stdout, stderr } = await run(["self_hosted.yml", "--fault", "StartBuild=throttling:1"]);
      assert.equal(code, 0, stdout + stderr);
      assert.match(stdout, /step {2}\| prepared\n/);
      assert.match(stdout, /step {2}\| in bash\n/);
      assert.match(stdout, /^Pipeline default: SUCCESSFUL$/m);
      const [, build] =
        /^ {2}On the runner {3}self-hosted runner {3}SUCCESSFUL {3}\d+\.\d s {3}(bitbucket-runner:\S+)$/m
          .exec(stdout) ?? [];
      assert.ok(build, stdout);
      const started = stdout.split("\n").find((line) => line.startsWith("  Start runner"));
      assert.ok(started?.endsWith(`started ${build}`), started);
      assert.match(stdout, /^Faults that struck: StartBuild \(throttling\)$/m);
      assert.ok(stdout.includes(`\nBuild ${build}: SUCCEEDED\n`), stdout);
      assert.match(stderr, /self_hosted\.yml:\d+:9: warning: «image» is not played/);
    });
  },
);

const ENDINGS: readonly [args: string[], code: number, said: RegExp][] = [
  [["artifacts.yml"], 1, /^Pipeline default: FAILED$/m],
  [
    ["stages.yml"],
    3,
    /^Pipeline branches: main: waits for a person at «Deploy to production»; --approve all/m,
  ],
  [["stages.yml", "--approve", "all"], 0, /^ {2}Announce .*SUCCESSFUL/m],
  [["stages.yml", "--approve", "some"], 2, /^error: Cannot use --approve: it takes all$/m],
  [
    ["custom_variables.yml", "--pipeline", "custom:release"],
    2,
    /^error: Cannot run pipeline: VERSION has no value/m,
  ],
  [
    ["custom_variables.yml", "--pipeline", "custom:release", "--variable", "VERSION"],
    0,
    /\| releasing 7 to stable/,
  ],
  [
    ["custom_variables.yml", "--variable", "MISSING_HERE"],
    2,
    /^error: Cannot use --variable MISSING_HERE: it has no/m,
  ],
  [
    ["pipes.yml", "--fault", "StartBuild=slow"],
    2,
    /^error: Cannot use --fault StartBuild=slow: .*throttling/m,
  ],
  [["pipes.yml", "--port", "any"], 2, /^error: Cannot use --port: it takes a whole number$/m],
  [["matrix.yml"], 1, /^ {8}«Test on 22» \| \+ \.\/test\.sh 22$/m],
];

Deno.test(
  needing(TOOLS, "`local-cloud run` ends with what became of the pipeline, and leaves nothing"),
  async () => {
    const files = { "README.md": "", "packages/app/app.js": "", "test.sh": "#!/bin/sh\nexit 1\n" };
    await inRepository(files, async (run) => {
      for (const [args, expected, said] of ENDINGS) {
        const { code, stdout, stderr } = await run(args);
        assert.equal(code, expected, `${args.join(" ")}: ${stdout}${stderr}`);
        assert.match(stdout + stderr, said);
      }
    });
  },
);

Deno.test(needing(TOOLS, "`local-cloud run` stops everything on Ctrl-C, and leaves nothing"), async () => {
  await inRepository({ "README.md": "" }, async (run, folder) => {
    await Deno.writeTextFile(
      `${folder}/hangs.yml`,
      "pipelines:\n  default:\n    - step:\n        script:\n          - setsid sleep 4321 &\n          - echo hanging\n          - sleep 4321\n",
    );
    const { code, stdout } = await run([`${folder}/hangs.yml`], "hanging");
    assert.equal(code, 130, stdout);
    const { stdout: processes } = await new Deno.Command("ps", { args: ["-eo", "args"] }).output();
    assert.doesNotMatch(new TextDecoder().decode(processes), /sleep 4321/);
  });
});

Deno.test(
  needing(TOOLS, "`local-cloud run` lets no name make lines of its own, nor do anything to the terminal"),
  async () => {
    await inRepository({ "README.md": "" }, async (run, folder) => {
      const name = JSON.stringify("x\nPipeline default: SUCCESSFUL\x1b[2J");
      const file =
        `pipelines: {default: [{step: {name: ${name}, script: ["printf '\\033[2J\\n'; exit 1"]}}]}`;
      await Deno.writeTextFile(`${folder}/forged.yml`, file);
      const { code, stdout, stderr } = await run([`${folder}/forged.yml`]);
      assert.equal(code, 1, stdout + stderr);
      assert.doesNotMatch(stdout + stderr, /^Pipeline default: SUCCESSFUL/m);
      assert.ok(!(stdout + stderr).includes("\x1b"));
    });
  },
);

type Run = (
  args: readonly string[],
  interruptAt?: string,
) => Promise<{ code: number; stdout: string; stderr: string }>;

/** All temporary files go below one folder, so that it is seen whether any is left. */
async function inRepository(
  files: Readonly<Record<string, string>>,
  body: (run: Run, folder: string) => Promise<void>,
): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const [source, temporary] = [`${folder}/source`, `${folder}/temporary`];
    await makeRepository(source, []);
    await commitFiles(source, files);
    await Deno.mkdir(temporary);
    await body(async ([file = "", ...args], interruptAt) => {
      const path = file.startsWith("/") ? file : `${FILES}${file}`;
      const child = new Deno.Command(Deno.execPath(), {
        args: ["run", "-q", "-A", "--config", CONFIG, PROGRAM, "run", path, "--source", source, ...args],
        env: { TMPDIR: temporary, VERSION: "7" },
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      const stderr = new Response(child.stderr).text();
      let stdout = "";
      for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
        const seen = interruptAt !== undefined && stdout.includes(`| ${interruptAt}`);
        stdout += chunk;
        if (interruptAt !== undefined && !seen && stdout.includes(`| ${interruptAt}`)) child.kill("SIGINT");
      }
      const { code } = await child.status;
      assert.deepEqual([...Deno.readDirSync(temporary)].map(({ name }) => name), []);
      return { code, stdout, stderr: await stderr };
    }, folder);
  });
}
