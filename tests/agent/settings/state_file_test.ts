import assert from "node:assert/strict";
import type { AgentState } from "../../../agent/settings/agent_schema.ts";
import { numbersWithState, StateFile } from "../../../agent/settings/state_file.ts";
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
};
const SECRETS = { runner: "the-runner's-secret", token: { accessToken: "the-token", renewAtMs: 1 } };

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

Deno.test("`StateFile` lets its owner alone read the secrets, whatever was in its place", async () => {
  await withTemporaryFolder(async (folder) => {
    const file = new StateFile(folder);
    await Deno.writeTextFile(`${folder}/elsewhere`, "stays", { mode: 0o644 });
    const obstacles = [
      () => Promise.resolve(),
      () => Deno.writeTextFile(`${folder}/state.json.next`, "left by a phase", { mode: 0o644 }),
      () => Deno.symlink(`${folder}/elsewhere`, `${folder}/state.json.next`),
      () =>
        Deno.remove(`${folder}/state.json`).then(() =>
          Deno.symlink(`${folder}/elsewhere`, `${folder}/state.json`)
        ),
    ];
    for (const obstacle of obstacles) {
      await obstacle();
      await file.write(STATE, SECRETS);
      const { mode, isFile } = await Deno.lstat(`${folder}/state.json`);
      assert.deepEqual([(mode ?? 0) & 0o777, isFile], [0o600, true]);
    }
    assert.equal(await Deno.readTextFile(`${folder}/elsewhere`), "stays");
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
      "elsewhere",
      "state.json",
    ]);
  });
});

Deno.test("`StateFile` gives out its secrets once, and writes none that it is not given", async () => {
  await withTemporaryFolder(async (folder) => {
    const file = new StateFile(folder);
    assert.deepEqual(await file.takeSecrets(assert.ifError), {});
    await file.write(STATE, SECRETS);
    assert.deepEqual(await file.read(), STATE);
    assert.deepEqual(await file.takeSecrets(assert.ifError), SECRETS);
    assert.doesNotMatch(await Deno.readTextFile(`${folder}/state.json`), /the-/);
    assert.deepEqual(await file.takeSecrets(assert.ifError), {});
    assert.deepEqual(await file.read(), STATE);
  });
});

Deno.test("`StateFile` gives out its secrets though it cannot forget them, and says so", async () => {
  await withTemporaryFolder(async (folder) => {
    const file = new StateFile(folder);
    await file.write(STATE, SECRETS);
    await obstruct(folder);
    const said: unknown[] = [];
    assert.deepEqual(await file.takeSecrets((error) => said.push(error)), SECRETS);
    assert.match(String(said), /Cannot write \S+\/state\.json/);
  });
});

Deno.test({
  name: "`StateFile` takes no file, folder or link of another user's",
  // Only root can give files away.
  ignore: Deno.uid() !== 0,
  fn: async () => {
    await withTemporaryFolder(async (folder) => {
      await Deno.mkdir(`${folder}/home`);
      await Deno.symlink(`${folder}/home`, `${folder}/link`);
      const file = new StateFile(`${folder}/home`);
      await file.write(STATE);
      await Deno.chown(`${folder}/home/state.json`, 4711, null);
      await assert.rejects(file.read(), { name: "RunnerError", message: /^Cannot read the state/ });
      await Deno.chown(`${folder}/home`, 4711, null);
      await assert.rejects(file.write(STATE), { message: /\/home is another user's$/ });
      await Deno.chown(`${folder}/home`, 0, null);
      await file.write(STATE);
      const linked = new StateFile(`${folder}/link`);
      assert.deepEqual(await linked.read(), STATE);
      await new Deno.Command("chown", { args: ["--no-dereference", "4711", `${folder}/link`] }).output();
      await assert.rejects(linked.write(STATE), { message: /\/link is another user's$/ });
    });
  },
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
    await obstruct(folder);
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

/** Puts something in the place of the new file that cannot be removed. */
async function obstruct(folder: string): Promise<void> {
  await Deno.mkdir(`${folder}/state.json.next/full`, { recursive: true });
}

Deno.test("`numbersWithState()` tells whose states are there, in their order, and takes nothing else for one", async () => {
  await withTemporaryFolder(async (folder) => {
    assert.deepEqual(await numbersWithState(folder), []);
    const strangers = [
      "state-1.json",
      "state-01.json",
      "state-0.json",
      "state-100.json",
      "state-2.json.next",
    ];
    for (const name of [...strangers, "state-a.json", "bundle.json"]) {
      await Deno.writeTextFile(`${folder}/${name}`, "{}");
    }
    const file = new StateFile(folder);
    for (const number of [10, 1, 2, 32]) await file.numbered(number).write(STATE);
    assert.deepEqual(await numbersWithState(folder), [1, 2, 10, 32]);
  });
});

Deno.test("`numbersWithState()` finds none where there is no folder, and leaves what is wrong to the reading", async () => {
  await withTemporaryFolder(async (folder) => {
    assert.deepEqual(await numbersWithState(`${folder}/nowhere`), []);
    await Deno.writeTextFile(`${folder}/file`, "");
    assert.deepEqual(await numbersWithState(`${folder}/file`), [1]);
  });
});
