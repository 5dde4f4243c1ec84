import assert from "node:assert/strict";
import type { AgentState } from "../../../agent/settings/agent_schema.ts";
import { StateFile } from "../../../agent/settings/state_file.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

const STATE: AgentState = {
  type: "shell",
  name: "codebuild-app-1",
  labels: ["self.hosted", "codebuild"],
  logFile: "/runner/runner.log",
  runnerUuid: "{r}",
  launched: { type: "shell", pid: 42, startTime: "4711" },
  online: true,
  baseline: [],
  leftoversDoubtful: false,
  removed: false,
  requests: 3,
  secrets: ["the-runner's-secret"],
};

Deno.test("`StateFile` hands the state to the next phase", async () => {
  await withTemporaryFolder(async (folder) => {
    assert.equal(await new StateFile(folder).read(), undefined);
    await new StateFile(folder).write(STATE);
    assert.deepEqual(await new StateFile(folder).read(), STATE);
    const { runnerUuid: _, launched: __, ...early } = STATE;
    await new StateFile(folder).write(early);
    assert.deepEqual(await new StateFile(folder).read(), early);
  });
});

Deno.test("`StateFile` lets its owner alone read the secret", async () => {
  await withTemporaryFolder(async (folder) => {
    const file = new StateFile(folder);
    for (let phase = 0; phase < 2; phase++) {
      await file.write(STATE);
      assert.equal((await Deno.stat(`${folder}/state.json`)).mode ?? 0 & 0o777, 0o100600);
    }
  });
});

Deno.test("`StateFile` replaces the state as a whole: a reader sees the old one or the new one", async () => {
  await withTemporaryFolder(async (folder) => {
    const file = new StateFile(folder);
    await file.write({ ...STATE, labels: ["old"] });
    using old = await Deno.open(`${folder}/state.json`);
    await file.write({ ...STATE, labels: ["new"] });
    // Whoever opened the file before still reads the whole old state: it was not written over.
    assert.deepEqual(JSON.parse(await new Response(old.readable).text()).labels, ["old"]);
    assert.deepEqual((await file.read())?.labels, ["new"]);
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["state.json"]);
  });
});

Deno.test("`StateFile` keeps the old state when the new one cannot be written", async () => {
  await withTemporaryFolder(async (folder) => {
    const file = new StateFile(folder);
    await file.write(STATE);
    await Deno.mkdir(`${folder}/state.json.next`);
    await assert.rejects(file.write({ ...STATE, removed: true }), {
      name: "RunnerError",
      message: new RegExp(`^Cannot write ${folder}/state.json: `),
    });
    assert.deepEqual(await file.read(), STATE);
  });
});

const BROKEN = ["", "{", "[]", '{"name":1}', JSON.stringify({ ...STATE, launched: { type: "shell" } })];

for (const text of BROKEN) {
  Deno.test(`\`StateFile\` refuses a state like ${text.slice(0, 20) || "an empty file"}`, async () => {
    await withTemporaryFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/state.json`, text);
      await assert.rejects(new StateFile(folder).read(), {
        name: "RunnerError",
        message: /^Cannot read the state/,
      });
    });
  });
}
