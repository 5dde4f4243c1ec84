import assert from "node:assert/strict";
import type { LocalCloud, LocalCloudOptions } from "../../../scripts/local_cloud/start_local_cloud.ts";
import { makeStandInArchive } from "../../../scripts/local_cloud/stand_in/stand_in_archive.ts";
import { factsFrom } from "../../../scripts/probe/judge/fact_table.ts";
import { profileFrom } from "../../../scripts/probe/judge/profile.ts";
import { samplePipeline } from "../../../scripts/probe/step/sample_pipeline.ts";
import { InterruptedError } from "../../../shared/program/errors.ts";
import { systemHost } from "../../../shared/program/system_host.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { withLocalCloud } from "../../fixtures/programs/local_cloud.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";
import { type ProbeRun, runnersLeft, startProbe } from "./probe_run.ts";

const PACE = {
  lookMs: 100,
  personLookMs: 100,
  onlineWithinMs: 60_000,
  pipelineWithinMs: 60_000,
  stepWithinMs: 60_000,
  shownWithinMs: 1000,
  offlineWithinMs: 60_000,
};

const CONSUMER = { key: "prober", secret: "probers-secret", scopes: ["runner:write", "pipeline:write"] };

interface StepRun extends ProbeRun {
  readonly written: string[];
  readonly interrupt: () => void;
}

/** Runs the probe with `--step` on a local cloud, with the stand-in for Atlassian's runner as its runner. */
async function withStepProbe(
  bitbucket: NonNullable<LocalCloudOptions["bitbucket"]>,
  body: (cloud: LocalCloud, run: StepRun) => Promise<void>,
  pace = PACE,
): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    await makeStandInArchive(`${folder}/runner.tar.gz`);
    await new Deno.Command("tar", { args: ["-xzf", "runner.tar.gz"], cwd: folder }).output();
    await withLocalCloud({ bitbucket: { consumers: [CONSUMER], ...bitbucket } }, async (cloud) => {
      const { workspace, repositories: [repository] } = cloud.bitbucket.settings;
      const system = systemHost();
      const written: string[] = [];
      const host = {
        ...system,
        env: { ...system.env, ...cloud.codeBuild.settings.machineEnv },
        stderr: { write: (text: string) => written.push(text) },
      };
      const flags = {
        step: true,
        workspace: workspace.uuid,
        repository: repository?.uuid ?? "",
        runner: folder,
      } as const;
      const interrupter = new AbortController();
      const interrupt = () => interrupter.abort(new InterruptedError("SIGINT"));
      const run = startProbe(cloud, { flags, host, pace, signal: interrupter.signal });
      await body(cloud, { ...run, written, interrupt });
      assert.deepEqual(runnersLeft(cloud), []);
    });
  });
}

Deno.test("With --step the probe finds what shows while a step runs, and what becomes of it without its runner", async () => {
  await withStepProbe({}, async (cloud, { found }) => {
    const findings = await found;
    const { offlineAfterMs = 0, ...profile } = profileFrom(findings);
    assert.ok(Number(offlineAfterMs) >= 1000 && Number(offlineAfterMs) < 30_000, `${offlineAfterMs}`);
    assert.equal(profile["showsStep"], true);
    assert.equal(profile["disabledHidesStep"], false);
    assert.equal(profile["deleteBusy"], "error");
    const seen = new Map(factsFrom(findings, true).map(({ name, seen }) => [name, seen]));
    assert.equal(seen.get("a deleted runner's step ends with"), "ERROR (runner.step.half-completed)");
    assert.equal(seen.get("${{…}} in runs-on is filled in"), "no");
    assert.deepEqual(cloud.bitbucket.scheduler.pipelines.map(({ result }) => result), ["ERROR"]);
  });
});

Deno.test("The probe finds a closed runner that hides its step, and a busy one that cannot be deleted", async () => {
  await withStepProbe(
    { disabledHidesStep: true, deleteBusy: "refuse", offlineAfterMs: 1000 },
    async (_, { found }) => {
      const profile = profileFrom(await found);
      assert.equal(profile["showsStep"], true);
      assert.equal(profile["disabledHidesStep"], true);
      assert.equal(profile["deleteBusy"], "refuse");
    },
  );
});

Deno.test("Without pipeline:write the probe asks for the sample pipeline, and waits for it", async () => {
  const consumer = { ...CONSUMER, scopes: ["runner:write", "pipeline"] };
  await withStepProbe(
    { consumers: [consumer], showsStep: false },
    async (cloud, { probe, found, written }) => {
      const sample = samplePipeline({ label: probe.label, branch: "main" });
      await eventually("the sample", () => written.includes(sample) || undefined, 60_000);
      cloud.bitbucket.startPipeline(sample);
      const profile = profileFrom(await found);
      assert.equal(profile["showsStep"], false);
      assert.equal(profile["deleteBusy"], "error");
    },
  );
});

Deno.test("An interruption while the step runs stops the pipeline and the runner", async () => {
  const interrupted = async (cloud: LocalCloud, { probe, found, interrupt }: StepRun) => {
    await cloud.happenings.until("step output", { where: ({ line }) => line === "+ sleep 90" });
    const [runner = 0] = probe.processes;
    assert.ok(isRunning(runner));
    const ranOnRemoval: boolean[] = [];
    cloud.happenings.on((happening) => {
      if (happening.type === "runner unregistered") ranOnRemoval.push(isRunning(runner));
    });
    interrupt();
    await assert.rejects(found, InterruptedError);
    assert.ok(ranOnRemoval.length > 0 && !ranOnRemoval.includes(true), `${ranOnRemoval}`);
    assert.deepEqual(cloud.bitbucket.scheduler.pipelines.map(({ result }) => result), ["STOPPED"]);
  };
  await withStepProbe({ showsStep: false }, interrupted, { ...PACE, shownWithinMs: 60_000 });
});

/** A process that has ended but that nobody has waited for yet has no files any more. */
function isRunning(pid: number): boolean {
  try {
    return [...Deno.readDirSync(`/proc/${pid}/fd`)].length > 0;
  } catch {
    return false;
  }
}
