import assert from "node:assert/strict";
import type { AgentState } from "../../../agent/settings/agent_schema.ts";
import { readAgentConfig } from "../../../agent/settings/agent_settings.ts";
import { startLifecycle } from "../../../agent/life/lifecycle.ts";
import { isHere, type Lifecycle } from "../../../agent/life/lifecycle_state.ts";
import {
  hearsay,
  lifecycleSettings,
  type PhaseDeps,
  recordEnd,
  watchedRunner,
} from "../../../agent/phases/phase.ts";
import { machineLooks } from "../../../agent/phases/launch_runner.ts";
import { StateFile } from "../../../agent/settings/state_file.ts";
import { type Reading, RunnerEar } from "../../../agent/watch/runner_ear.ts";
import { Logger } from "../../../shared/output/log.ts";
import { clientSetup } from "../../fixtures/bitbucket_client_setup.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

const ENV = {
  WORKSPACE_UUID: "1a000000-0000-4000-8000-000000000001",
  REPO_UUID: "1a000000-0000-4000-8000-000000000002",
  PIPELINE_UUID: "1a000000-0000-4000-8000-000000000003",
  LAUNCHER_STEP_UUID: "1a000000-0000-4000-8000-000000000004",
  CODEBUILD_BUILD_ID: "app:1",
  BITBUCKET_ACCESS_TOKEN: "the-token",
};
const SECRET = "the-runner's-secret";

function state(folder: string): AgentState {
  const name = "codebuild-app-1";
  const logFile = `${folder}/runner.log`;
  return {
    type: "shell",
    name,
    labels: ["gpu"],
    logFile,
    online: true,
    baseline: [],
    leftoversDoubtful: false,
    removed: false,
    requests: 4,
  };
}

async function inPhase(body: (deps: PhaseDeps, folder: string) => Promise<void>) {
  await withTemporaryFolder(async (folder) => {
    await using setup = await clientSetup();
    const { bitbucket, host } = setup;
    const log = new Logger(host, "text", setup.log.redactor, { verbose: true });
    const config = readAgentConfig({ ...ENV, RUNNER_HOME: folder });
    const signal = new AbortController().signal;
    const deps = {
      host,
      config,
      log,
      bitbucket,
      stateFile: new StateFile(folder),
      machine: machineLooks(host),
      signal,
    };
    await body(deps, folder);
  });
}

const SETTINGS: readonly [
  env: Record<string, string>,
  mode: string,
  lookMs: number,
  idleMs: number,
  lingerMs?: number,
][] = [
  [{}, "single-step", 10_000, 1_800_000],
  [{ MULTI_STEP: "true", BITBUCKET_POLL_INTERVAL: "30" }, "multi-step", 30_000, 1_800_000],
  [{ RUNNER_OWN_PIPELINE_ONLY: "true" }, "single-step", 10_000, 1_800_000],
  [{ RUNNER_IDLE_TIMEOUT: "0" }, "single-step", 10_000, Infinity],
  [{ RUNNER_IDLE_TIMEOUT: "1" }, "single-step", 10_000, 60_000],
  [{ RUNNER_LINGER: "30" }, "single-step", 10_000, 1_800_000, 1_800_000],
];

Deno.test("`lifecycleSettings()` puts the configuration into milliseconds", () => {
  for (const [env, mode, shortestLookMs, idleTimeoutMs, lingerMs = 0] of SETTINGS) {
    assert.deepEqual(lifecycleSettings(readAgentConfig({ ...ENV, ...env }), { handsOver: true }), {
      handsOver: true,
      bitbucket: "asked",
      ownPipelineOnly: env["RUNNER_OWN_PIPELINE_ONLY"] === "true",
      lingerMs,
      mode,
      pipelineUuid: "{1a000000-0000-4000-8000-000000000003}",
      shortestLookMs,
      idleTimeoutMs,
    });
  }
});

Deno.test("`watchedRunner()` takes up what an earlier phase left", async () => {
  await inPhase(async (deps, folder) => {
    const runner = watchedRunner(deps, state(folder), "{r-1}");
    assert.deepEqual([runner.uuid, runner.name, runner.labels], ["{r-1}", "codebuild-app-1", ["gpu"]]);
    assert.equal(runner.launcherStep, "{1a000000-0000-4000-8000-000000000004}");
    assert.equal(await runner.control.pulse(), "dead");
    assert.equal(await runner.control.stop(1), "was gone");
  });
});

Deno.test("`watchedRunner()` knows a launched runner that has died", async () => {
  await inPhase(async (deps, folder) => {
    const launched = { type: "shell", pid: Deno.pid, startTime: "1" } as const;
    const runner = watchedRunner(deps, { ...state(folder), launched }, "{r-1}");
    assert.equal(await runner.control.pulse(), "dead");
  });
});

Deno.test("`hearsay()` knows of a step that began before the phase did", async () => {
  await inPhase(async (deps, folder) => {
    const line =
      "Getting step StepId{accountUuid={w}, repositoryUuid={r}, pipelineUuid={p}, stepUuid={s-1}}.";
    await Deno.writeTextFile(`${folder}/runner.log`, `[2026-11-21 04:00:00,123] ${line}\n`);
    const runner = watchedRunner(deps, state(folder), "{r-1}");
    try {
      const ear = new RunnerEar(deps.host, deps.log, runner);
      const life = hearsay(ear, startLifecycle(lifecycleSettings(deps.config, { handsOver: true }), 0), deps);
      const work = isHere(life) ? life.work : undefined;
      assert.deepEqual(work?.kind === "step" && work.step, { pipelineUuid: "{p}", stepUuid: "{s-1}" });
    } finally {
      runner.output.close();
    }
  });
});

Deno.test("`hearsay()` goes on where the phase before has ended, with what that has heard", async () => {
  await inPhase(async (deps, folder) => {
    const path = `${folder}/runner.log`;
    const over = "[2026-11-21 04:00:00,123] Completing step with result Result{status=FAILED, error=None}.\n";
    await Deno.writeTextFile(path, `${over}half a line`);
    const place = { inode: (await Deno.stat(path)).ino ?? 0, bytes: over.length };
    const reading = { places: { stdout: place }, heard: READING.heard };
    const runner = watchedRunner(deps, { ...state(folder), reading }, "{r-1}");
    try {
      const ear = new RunnerEar(deps.host, deps.log, runner);
      const life = hearsay(ear, startLifecycle(lifecycleSettings(deps.config, { handsOver: true }), 0), deps);
      const work = isHere(life) ? life.work : undefined;
      assert.equal(
        work?.kind === "step" && work.step.stepUuid,
        "{s}",
        "its end was that of a step before it",
      );
    } finally {
      runner.output.close();
    }
  });
});

const READING: Reading = {
  places: { stdout: { inode: 7, bytes: 4_000 } },
  heard: [{ type: "online" }, { type: "step started", step: { pipelineUuid: "{p}", stepUuid: "{s}" } }],
};

const ENDS: readonly { name: string; removed: boolean }[] = [
  { name: "forgets the secrets of a runner that is gone", removed: true },
  {
    name: "keeps what the next phase is to keep out of its log of one that is not, and no token",
    removed: false,
  },
];

for (const { name, removed } of ENDS) {
  Deno.test(`\`recordEnd()\` ${name}`, async () => {
    await inPhase(async (deps, folder) => {
      await deps.bitbucket.listRunners();
      const settings = lifecycleSettings(deps.config, { handsOver: true });
      const rest = { settings, served: [], reason: "it has served its step", fault: undefined };
      const life: Lifecycle = { stage: "done", unregistered: removed, gone: removed, ...rest };
      await recordEnd({ ...deps, number: 1, runnerSecrets: new Map([[1, SECRET]]) }, state(folder), life, {
        baseline: ["1:9"],
        reading: READING,
      });
      const left = await deps.stateFile.read();
      // Four requests of earlier phases, one for a token, one for the list.
      assert.deepEqual([left?.removed, left?.requests], [removed, 6]);
      assert.deepEqual([left?.baseline, left?.reading], [["1:9"], READING]);
      const secrets = await deps.stateFile.takeSecrets(assert.ifError);
      assert.deepEqual(secrets, removed ? {} : { runner: SECRET });
    });
  });
}

Deno.test("`watchedRunner()` does not take a runner for dead whose state is lost, but one that was never launched", async () => {
  await inPhase(async (deps, folder) => {
    const pulse = async (change: Partial<AgentState>) => {
      using runner = watchedRunner(deps, { ...state(folder), ...change }, "{r}");
      return [await runner.control.pulse(), await runner.control.work()];
    };
    assert.deepEqual(await pulse({ lost: true }), ["unknown", undefined]);
    assert.deepEqual(await pulse({}), ["dead", []]);
  });
});
