import assert from "node:assert/strict";
import { advance, startLifecycle } from "../../../agent/life/lifecycle.ts";
import type { LifecycleSettings } from "../../../agent/life/lifecycle_state.ts";
import { RunnerEar } from "../../../agent/watch/runner_ear.ts";
import { liveOut } from "../../../agent/watch/runner_life.ts";
import { RunnerOutput } from "../../../agent/watch/runner_output.ts";
import { StepResults } from "../../../agent/ask/step_results.ts";
import { type ClientSetup, clientSetup } from "../../fixtures/bitbucket_client_setup.ts";
import { quickHost } from "../../fixtures/quick_host.ts";
import type { FakeRunner } from "../../fixtures/servers/fake_bitbucket_state.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";
import { type StandInControl, standInControl } from "./stand_in_control.ts";

interface Scene extends ClientSetup {
  readonly registered: FakeRunner;
  readonly control: StandInControl;
  readonly controller: AbortController;
  readonly results: StepResults;
  readonly say: (text: string) => void;
  /** Lets the runner leave, and returns the stage that its life ends in. */
  readonly leave: (settings?: Partial<LifecycleSettings>) => Promise<string>;
}

/** A runner at a Bitbucket that answers over real connections, with a real output file; waiting takes no time. */
async function leaving(body: (scene: Scene) => Promise<void>): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const host = quickHost({ stdout: { write: () => {} } });
    await using setup = await clientSetup({}, host);
    const { fake, bitbucket, log } = setup;
    const registered = fake.state.addRunner({ name: "r" });
    registered.state.status = "ONLINE";
    const control = standInControl();
    const controller = new AbortController();
    const file = `${folder}/runner.log`;
    const output = new RunnerOutput({ stdout: file }, host);
    const { uuid, name, labels } = registered;
    const rest = { bitbucket, control, output, baseline: [], version: "5.6.0", launcherStep: undefined };
    const runner = { uuid, name, labels, ...rest };
    const results = new StepResults();
    const leave = async (change: Partial<LifecycleSettings> = {}) => {
      const ear = new RunnerEar(host, log, runner);
      const settings = {
        mode: "single-step",
        bitbucket: "asked",
        ownPipelineOnly: false,
        lingerMs: 0,
        pipelineUuid: "{p}",
        shortestLookMs: 10_000,
        idleTimeoutMs: Infinity,
        handsOver: false,
        ...change,
      } as const;
      const start = startLifecycle(settings, host.monotonicMs());
      const told = advance(start, { type: "told to leave", why: "its build is ending" }, host.monotonicMs());
      const life = await liveOut({ host, log, runner, ear, results, signal: controller.signal }, told);
      return life.stage === "done" && life.unregistered ? "unregistered" : life.stage;
    };
    const say = (text: string) => Deno.writeTextFileSync(file, text, { append: true });
    try {
      await body({ ...setup, registered, control, controller, results, say, leave });
    } finally {
      output.close();
    }
  });
}

Deno.test("`liveOut()` closes an idle runner, stops it, unregisters it, and cleans up last", async () => {
  await leaving(async ({ fake, control, leave }) => {
    assert.equal(await leave(), "unregistered");
    assert.deepEqual(control.calls.filter((call) => call !== "keep output flowing"), ["stop", "clean up"]);
    const order = fake.requests.map(({ route }) => route).filter((route) => /update|delete/.test(route));
    assert.deepEqual(order, ["update runner", "delete runner"]);
  });
});

Deno.test("`liveOut()` does not stop a runner that has something running in the last moment", async () => {
  await leaving(async ({ control, leave, say, host }) => {
    const stopped: number[] = [];
    control.running = ["1:9"];
    control.stop = () => Promise.resolve(stopped.push(host.monotonicMs()) > 0 ? "stopped" : "was gone");
    const begun = host.monotonicMs();
    const left = leave();
    say("");
    control.keepOutputFlowing = () => {
      if (host.monotonicMs() > begun + 120_000) control.running = [];
      return Promise.resolve();
    };
    assert.equal(await left, "unregistered");
    assert.ok((stopped[0] ?? 0) > begun + 120_000, "it was stopped with something running");
  });
});

Deno.test("`liveOut()` goes on to unregister a runner that does not let itself be stopped", async () => {
  await leaving(async ({ control, leave, host }) => {
    control.stop = () => Promise.reject(new Error("Cannot stop it"));
    assert.equal(await leave(), "unregistered");
    assert.match(host.written.join(""), /warning: Cannot stop it/);
  });
});

Deno.test("`liveOut()` ends when the time after a signal is over, without a flood of attempts", async () => {
  await leaving(async ({ fake, control, controller, leave, host }) => {
    for (const route of ["update runner", "set runner state", "get runner", "list pipelines"] as const) {
      fake.plan({ route, fault: { kind: "status", status: 503 }, times: 1_000 });
    }
    fake.beforeAnswer = (route) => {
      if (route === "update runner") controller.abort(new Error("Interrupted by SIGTERM"));
    };
    assert.equal(await leave(), "done");
    assert.ok(!control.calls.includes("stop"), "it was stopped though it could not be closed");
    assert.ok(host.written.length < 100, `${host.written.length} lines`);
  });
});

Deno.test("`liveOut()` leaves a runner with a step to the next phase when a signal comes", async () => {
  await leaving(async ({ controller, leave, control, fake, say }) => {
    say("[2026-11-21 04:00:00,123] Getting step StepId{pipelineUuid={p}, stepUuid={s}}.\n");
    fake.beforeAnswer = (route) => {
      if (route === "update runner") controller.abort(new Error("Interrupted by SIGTERM"));
    };
    assert.equal(await leave({ handsOver: true }), "done");
    assert.equal(fake.count("delete runner"), 0);
    assert.ok(!control.calls.includes("stop") && !control.calls.includes("clean up"));
  });
});

Deno.test("`liveOut()` forgets how an earlier run of a step ended that begins again", async () => {
  await leaving(async ({ results, leave, say }) => {
    const state = { name: "COMPLETED", result: { name: "FAILED" } };
    results.note("{p}", ["{s}", "{t}"].map((uuid) => ({ uuid, state })));
    say("[2026-11-21 04:00:00,123] Getting step StepId{pipelineUuid={p}, stepUuid={s}}.\n");
    say("[2026-11-21 04:00:01,123] Completing step with result Result{status=PASSED, error=None}.\n");
    assert.equal(await leave(), "unregistered");
    assert.deepEqual([results.of("{s}"), results.of("{t}")], [undefined, "FAILED"]);
  });
});

Deno.test("`liveOut()` says once that what the runner writes is not understood, and with which version", async () => {
  await leaving(async ({ registered, control, leave, host }) => {
    control.running = ["1:9"];
    registered.state.step = { uuid: "{s}" };
    const begun = host.monotonicMs();
    control.keepOutputFlowing = () => {
      if (host.monotonicMs() > begun + 60_000) {
        control.running = [];
        delete registered.state.step;
      }
      return Promise.resolve();
    };
    assert.equal(await leave(), "unregistered");
    const said = host.written.join("").match(
      /What the runner \(5\.6\.0\) writes about its steps is not understood/g,
    );
    assert.equal(said?.length, 1);
  });
});

Deno.test("`liveOut()` stops a runner without a request where Bitbucket is not asked, and cleans up after it", async () => {
  await leaving(async ({ fake, control, leave, host }) => {
    const begun = host.monotonicMs();
    assert.equal(await leave({ bitbucket: "never" }), "done");
    assert.ok(host.monotonicMs() >= begun + 5_000, "a step's result may have been on its way");
    assert.deepEqual(control.calls.filter((call) => call !== "keep output flowing"), ["stop", "clean up"]);
    assert.equal(fake.requests.length, 0);
    assert.match(host.written.join(""), /Its registration stays/);
  });
});

Deno.test("`liveOut()` does not stop a runner that has spoken of a step in the very last moment", async () => {
  await leaving(async ({ control, leave, say, host }) => {
    const begun = host.monotonicMs();
    let speaks = false;
    const { work } = control;
    control.work = () => {
      // What comes with the last look before the stop, which is none of those for the pulse.
      if (!speaks && host.monotonicMs() >= begun + 5_000) {
        speaks = true;
        say("[2026-11-21 04:00:00,123] Getting step StepId{pipelineUuid={p}, stepUuid={s}}.\n");
      }
      return work.call(control);
    };
    const stopped: boolean[] = [];
    let over = false;
    control.stop = () => Promise.resolve(stopped.push(over) > 0 ? "stopped" : "was gone");
    control.keepOutputFlowing = () => {
      if (speaks && !over && host.monotonicMs() > begun + 60_000) {
        over = true;
        say("[2026-11-21 04:00:00,123] Completing step with result Result{status=PASSED, error=None}.\n");
      }
      return Promise.resolve();
    };
    assert.equal(await leave({ bitbucket: "never" }), "done");
    assert.deepEqual(stopped, [true]);
  });
});
