import assert from "node:assert/strict";
import { awaitOnline } from "../../../agent/phases/await_online.ts";
import { RunnerOutput } from "../../../agent/watch/runner_output.ts";
import { type ClientSetup, clientSetup } from "../../fixtures/bitbucket_client_setup.ts";
import type { FakeRunner } from "../../fixtures/servers/fake_bitbucket_state.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";
import { standInControl } from "../watch/stand_in_control.ts";

const ONLINE = '[2026-11-21 04:00:00,123] Updating runner state to "ONLINE".\n';

interface Scene extends ClientSetup {
  readonly runner: FakeRunner;
  readonly control: ReturnType<typeof standInControl>;
  readonly say: (text: string) => void;
  readonly wait: (signal?: AbortSignal) => Promise<readonly string[]>;
  /** The same where Bitbucket is not asked. */
  readonly waitAlone: () => Promise<readonly string[]>;
  /** What happens whenever some time has passed. */
  readonly afterSleep: (() => void)[];
}

/** A registered runner with a real output file, at a Bitbucket that answers over real connections. */
async function launched(body: (scene: Scene) => Promise<void>): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    await using setup = await clientSetup();
    const { fake, bitbucket, log, host: { sleeps: _, ...rest } } = setup;
    const afterSleep: (() => void)[] = [];
    const sleep = async (ms: number, signal?: AbortSignal) => {
      await rest.sleep(ms, signal);
      for (const act of afterSleep) act();
    };
    const host = { ...rest, sleep, stdout: { write: () => {} } };
    const runner = fake.state.addRunner({ name: "codebuild-app-1" });
    const control = standInControl();
    const output = new RunnerOutput({ stdout: `${folder}/runner.log` }, host);
    const { uuid, name, labels } = runner;
    const watched = {
      uuid,
      name,
      labels,
      bitbucket,
      control,
      output,
      launcherStep: undefined,
      baseline: [],
      version: "5.6.0",
    };
    const say = (text: string) => Deno.writeTextFileSync(`${folder}/runner.log`, text, { append: true });
    const wait = (signal = new AbortController().signal) => awaitOnline({ host, log, signal }, watched);
    const calm = { host, log, signal: new AbortController().signal };
    const waitAlone = () => awaitOnline(calm, watched, { bitbucket: "never" });
    try {
      await body({ ...setup, runner, control, say, wait, waitAlone, afterSleep });
    } finally {
      output.close();
    }
  });
}

/** Does something at a certain look at the runner, before it is answered. */
function atLook({ fake }: Scene, number: number, act: () => void): void {
  let looks = 0;
  fake.beforeAnswer = (route) => {
    if (route === "get runner" && ++looks === number) act();
  };
}

Deno.test("`awaitOnline()` asks Bitbucket once when the output says ONLINE and Bitbucket agrees", async () => {
  await launched(async ({ fake, runner, say, wait }) => {
    say(ONLINE);
    runner.state.status = "ONLINE";
    await wait();
    assert.equal(fake.count("get runner"), 1);
  });
});

Deno.test("`awaitOnline()` does not ask before the runner has had the time to tell Bitbucket what it says", async () => {
  await launched(async ({ fake, runner, say, wait, afterSleep }) => {
    say(ONLINE);
    afterSleep.push(() => runner.state.status = "ONLINE");
    await wait();
    assert.equal(fake.count("get runner"), 1);
  });
});

Deno.test("`awaitOnline()` waits for Bitbucket, which is slower than the runner", async () => {
  await launched(async (scene) => {
    scene.say(ONLINE);
    atLook(scene, 4, () => scene.runner.state.status = "ONLINE");
    await scene.wait();
    assert.equal(scene.fake.count("get runner"), 4);
  });
});

Deno.test("`awaitOnline()` believes Bitbucket when the output does not say ONLINE in words it knows", async () => {
  await launched(async (scene) => {
    scene.say("Runner is up\n");
    atLook(scene, 2, () => scene.runner.state.status = "ONLINE");
    await scene.wait();
  });
});

Deno.test("`awaitOnline()` fails with the last lines when the runner ends first", async () => {
  await launched(async ({ control, say, wait }) => {
    say("Starting\nNo such runner\n");
    control.die();
    await assert.rejects(wait(), {
      name: "RunnerError",
      message: "The runner ended before it was online",
      hint: "Its last lines: Starting / No such runner",
    });
  });
});

Deno.test("`awaitOnline()` notices a runner that ends after it said ONLINE, before Bitbucket knows", async () => {
  await launched(async (scene) => {
    scene.say(ONLINE);
    atLook(scene, 2, () => {
      scene.say("Out of memory\n");
      scene.control.die();
    });
    await assert.rejects(scene.wait(), {
      message: "The runner ended before it was online",
      hint: /Out of memory$/,
    });
  });
});

Deno.test("`awaitOnline()` gives up after five minutes and says what Bitbucket says", async () => {
  await launched(async ({ fake, wait }) => {
    await assert.rejects(wait(), {
      message: "The runner was not online within five minutes; Bitbucket says UNREGISTERED",
      hint: "Its last lines: none",
    });
    assert.ok(fake.count("get runner") <= 17, `${fake.count("get runner")} looks`);
  });
});

Deno.test("`awaitOnline()` stops when the program is interrupted", async () => {
  await launched(async (scene) => {
    const controller = new AbortController();
    atLook(scene, 1, () => controller.abort(new Error("enough")));
    await assert.rejects(scene.wait(controller.signal), { message: "enough" });
  });
});

Deno.test("`awaitOnline()` tells what the runner has running by itself, and not what a step has", async () => {
  await launched(async (scene) => {
    scene.control.running = ["java"];
    scene.say(ONLINE);
    atLook(scene, 2, () => {
      scene.runner.state.status = "ONLINE";
      scene.runner.state.step = { uuid: "{s}" };
      scene.control.running = ["java", "the step's shell"];
    });
    assert.deepEqual(await scene.wait(), ["java"]);
    assert.deepEqual(await scene.wait(), [], "nothing is known from before");
    delete scene.runner.state.step;
    assert.deepEqual(await scene.wait(), ["java", "the step's shell"]);
  });
});

const STEP = "[2026-11-21 04:00:00,123] Getting step StepId{pipelineUuid={p}, stepUuid={s}}.\n";

Deno.test("`awaitOnline()` takes the runner's word where Bitbucket is not asked", async () => {
  await launched(async ({ fake, host, control, say, waitAlone }) => {
    control.running = ["java"];
    say(ONLINE);
    assert.deepEqual(await waitAlone(), ["java"]);
    assert.deepEqual([fake.requests.length, host.written], [0, []]);
  });
});

Deno.test("`awaitOnline()` does not take a step's processes for the runner's own where Bitbucket is not asked", async () => {
  await launched(async ({ control, say, waitAlone }) => {
    let looks = 0;
    control.running = ["java", "helper"];
    control.keepOutputFlowing = () => {
      if (++looks === 8) {
        control.running = ["java", "the step's shell"];
        say(`${ONLINE}${STEP}`);
      }
      return Promise.resolve();
    };
    assert.deepEqual(await waitAlone(), ["java", "helper"]);
  });
});

Deno.test("`awaitOnline()` takes a runner that says nothing for online after a minute, with a warning", async () => {
  await launched(async ({ fake, host, control, say, waitAlone }) => {
    const begun = host.monotonicMs();
    say("Contact with the service has been made\n");
    control.running = ["java", "helper"];
    control.keepOutputFlowing = () => {
      if (host.monotonicMs() > begun + 30_000) control.running = ["java", "the step's shell"];
      return Promise.resolve();
    };
    assert.deepEqual(await waitAlone(), ["java"]);
    assert.ok(host.monotonicMs() >= begun + 60_000);
    assert.match(
      host.written.join(""),
      /What the runner \(5\.6\.0\) writes is not understood: .* taken for online/,
    );
    assert.equal(fake.requests.length, 0);
  });
});

Deno.test("`awaitOnline()` fails when a runner ends that Bitbucket is not asked about", async () => {
  await launched(async ({ control, say, waitAlone }) => {
    say("No such runner\n");
    control.die();
    await assert.rejects(waitAlone(), { message: "The runner ended before it was online" });
  });
});
