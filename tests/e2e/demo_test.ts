import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { needing } from "../fixtures/needing.ts";
import { withTemporaryFolder } from "../fixtures/temporary_folder.ts";

const DEMO = fileURLToPath(new URL("../../scripts/demo.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));

const PLAYS: [flags: string[], lines: RegExp[]][] = [
  [[], [
    /^Pipeline: SUCCESSFUL$/,
    /^Build: SUCCEEDED$/,
    /Step «Build and test» began on the self-hosted runner/,
  ]],
  [["--multi-step"], [
    /^Pipeline: SUCCESSFUL$/,
    /^Build: SUCCEEDED$/,
    /Step «Build» began on the self-hosted runner/,
    /Step «Test» began on the self-hosted runner/,
  ]],
  [["--fail-step"], [/^Pipeline: FAILED$/, /^Build: FAILED$/, /Step «Build and test» ended: FAILED/]],
  [["--stop-pipeline"], [
    /^Pipeline: STOPPED$/,
    /^Build: SUCCEEDED$/,
    /Step «Build and test» ended: STOPPED/,
  ]],
];

/** What start-runner and the agent say of every start and every end. */
const TOLD = [
  /step {2}\| \d\d:\d\d:\d\dZ start-runner \S+ \(.+\) starts a shell runner for pipeline #1 of acme\/demo/,
  /step {2}\| \S+Z Waited \d+ s(: .* \d+ s)?$/,
  /step {2}\| \S+Z runs-on: \[self\.hosted, linux\.shell, codebuild\]$/,
  /step {2}\| \S+Z It costs about \$[\d.]+ a minute: list price of /,
  /build \| \S+Z Timeline: .*; in all [\d.]+ s, \d+ % of it idle$/,
];

for (const [flags, expected] of PLAYS) {
  Deno.test(
    needing(
      ["curl", "tar", "gzip", "sha256sum"],
      `The demo${flags.map((flag) => ` ${flag}`)} ends as it should and leaves nothing`,
    ),
    async () => {
      await withTemporaryFolder(async (temporary) => {
        const { code, stdout } = await demo(flags, temporary);
        const lines = stdout.split("\n");
        for (
          const line of [
            ...expected,
            ...TOLD,
            /^Left over: no runner, no build, no process$/,
            /^All as expected$/,
          ]
        ) {
          assert.ok(lines.some((candidate) => line.test(candidate)), `${line} is not in\n${stdout}`);
        }
        assert.doesNotMatch(stdout, /\*\*\*|Cannot tell/, "nothing puzzles those who try it first");
        assert.equal(code, 0);
        assert.deepEqual([...Deno.readDirSync(temporary)].map(({ name }) => name), []);
      });
    },
  );
}

Deno.test(
  needing(["curl", "tar", "gzip", "sha256sum"], "The demo stops at SIGINT with 130, and leaves nothing"),
  async () => {
    await withTemporaryFolder(async (temporary) => {
      const child = command([], temporary).spawn();
      let output = "";
      for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
        if (!output.includes("Runner online") && (output + chunk).includes("Runner online")) {
          child.kill("SIGINT");
        }
        output += chunk;
      }
      assert.equal((await child.status).code, 130, output);
      assert.deepEqual([...Deno.readDirSync(temporary)].map(({ name }) => name), []);
    });
  },
);

Deno.test("The demo refuses two endings at once", async () => {
  const { code } = await demo(["--fail-step", "--multi-step"], "/tmp");
  assert.equal(code, 1);
});

async function demo(flags: readonly string[], temporary: string): Promise<{ code: number; stdout: string }> {
  const { code, stdout } = await command(flags, temporary).output();
  return { code, stdout: new TextDecoder().decode(stdout) };
}

/** All temporary files go below `temporary`, so that a test sees whether any is left. */
function command(flags: readonly string[], temporary: string): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-A", "--config", CONFIG, DEMO, ...flags],
    env: { TMPDIR: temporary },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  });
}
