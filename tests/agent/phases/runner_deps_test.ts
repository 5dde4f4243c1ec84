import assert from "node:assert/strict";
import type { PhaseDeps } from "../../../agent/phases/phase.ts";
import { eachRunner, leftRunners } from "../../../agent/phases/runner_deps.ts";
import type { AgentState } from "../../../agent/settings/agent_schema.ts";
import { StateFile } from "../../../agent/settings/state_file.ts";
import { clientSetup } from "../../fixtures/bitbucket_client_setup.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

function stateOf(name: string): AgentState {
  return {
    type: "shell",
    name,
    labels: ["gpu"],
    logFile: `/runner/${name}.log`,
    online: true,
    baseline: [],
    leftoversDoubtful: false,
    removed: false,
    requests: 0,
  };
}

async function inHome(body: (deps: PhaseDeps, folder: string, said: () => string) => Promise<void>) {
  await withTemporaryFolder(async (folder) => {
    await using setup = await clientSetup();
    const deps = {
      ...setup,
      config: { runnerHome: folder, buildId: "app:1", labels: [] },
      stateFile: new StateFile(folder),
    };
    const said = () => setup.host.written.join("").replace(/^\d\S+ /gm, "");
    await body(deps as unknown as PhaseDeps, folder, said);
  });
}

Deno.test("a runner that is alone works with what there is, and its messages are as they are", async () => {
  await inHome(async (deps, folder, said) => {
    const [one, ...others] = eachRunner(deps, [1]);
    assert.deepEqual([one?.number, others], [1, []]);
    await one?.stateFile.write(stateOf("r1"));
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["state.json"]);
    one?.log.info("It is online");
    assert.equal(said(), "It is online\n");
  });
});

Deno.test("each of several has a state of its own, and says which one it is", async () => {
  await inHome(async (deps, folder, said) => {
    for (const { number, stateFile, log } of eachRunner(deps, [1, 2, 12])) {
      await stateFile.write(stateOf(`r${number}`));
      log.warning("It is slow");
    }
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    assert.deepEqual(names, ["state-12.json", "state-2.json", "state.json"]);
    assert.equal(said(), [1, 2, 12].map((number) => `warning: [${number}] It is slow\n`).join(""));
  });
});

Deno.test("`leftRunners()` finds those that a phase has left a state of, in their order", async () => {
  await inHome(async (deps) => {
    assert.deepEqual(await leftRunners(deps), []);
    for (const number of [10, 2]) await deps.stateFile.numbered(number).write(stateOf(`r${number}`));
    const left = await leftRunners(deps);
    assert.deepEqual(left.map(({ deps, state }) => [deps.number, state.name, deps.log.subject.words]), [
      [2, "r2", "[2] "],
      [10, "r10", "[10] "],
    ]);
  });
});

Deno.test("`leftRunners()` knows by its name alone a runner whose state cannot be read, and says so", async () => {
  await inHome(async (deps, folder, said) => {
    await deps.stateFile.write(stateOf("r1"));
    await Deno.writeTextFile(`${folder}/state-3.json`, "{");
    const left = await leftRunners(deps);
    assert.deepEqual(left.map(({ state }) => [state.name, state.online, state.lost]), [
      ["r1", true, undefined],
      ["1.3-app", false, true],
    ]);
    assert.match(said(), /^warning: \[3\] Cannot read the state .*state-3\.json; the runner is looked for/);
  });
});
