import assert from "node:assert/strict";
import { type CloudStep, cloudStepsIn } from "../../../../scripts/local_cloud/machine/cloud_step.ts";
import { processesOf } from "../../../../scripts/local_cloud/machine/process_tree.ts";
import { needing } from "../../../fixtures/needing.ts";
import { withTemporaryFolder } from "../../../fixtures/temporary_folder.ts";

const CONTAINER = "22222222-2222-4222-8222-222222222222";

/** Runs a step, and says what came of it; afterwards nothing of it is there. */
async function ran(
  script: string,
  { afterScript, signal = new AbortController().signal }: Partial<CloudStep> & { signal?: AbortSignal } = {},
): Promise<{ code: number; lines: string[]; ms: number }> {
  const lines: string[] = [];
  let code = -1;
  const begunMs = performance.now();
  await withTemporaryFolder(async (folder) => {
    const step = { stepUuid: `{${CONTAINER}}`, name: "S", script, afterScript, env: {} };
    code = await cloudStepsIn(folder)(step, (line) => lines.push(line), signal);
    assert.deepEqual([...Deno.readDirSync(folder)], []);
    assert.deepEqual(processesOf(CONTAINER), []);
  });
  return { code, lines, ms: performance.now() - begunMs };
}

Deno.test("a step that was stopped before it could begin does not begin", async () => {
  const { code, ms } = await ran("sleep 30", { signal: AbortSignal.abort() });
  assert.equal(code, 137);
  assert.ok(ms < 10_000, String(ms));
});

Deno.test("a step takes a script of any length, and has its variables to itself", async () => {
  const { code, lines } = await ran(`echo ${"x".repeat(200_000)} | wc -c\nenv | grep -c SCRIPT\nexit 3`);
  assert.deepEqual([code, lines], [3, ["200001", "0"]]);
});

Deno.test("a step that removes its own folder fails in what comes after it, and ends", async () => {
  const { code, lines } = await ran('rm -rf "$PWD"', { afterScript: "true" });
  assert.equal(code, 1);
  assert.match(lines.at(-1) ?? "", /NotFound|No such/);
});

Deno.test(
  needing(["setsid"], "what a step leaves in the background neither holds it up nor outlives it"),
  async () => {
    const { code, lines, ms } = await ran("sleep 30 & env -i setsid sleep 30 & echo done");
    assert.deepEqual([code, lines], [0, ["done"]]);
    assert.ok(ms < 10_000, String(ms));
  },
);
