import assert from "node:assert/strict";
import type { BitbucketSettings } from "../../../../scripts/local_cloud/pipelines/bitbucket_settings.ts";
import type { Pipeline } from "../../../../scripts/local_cloud/pipelines/pipeline.ts";
import type { LocalCloud } from "../../../../scripts/local_cloud/start_local_cloud.ts";
import { eventually } from "../../../fixtures/eventually.ts";
import { withLocalCloud } from "../../../fixtures/programs/local_cloud.ts";
import { type RunningStandIn, withStandIn } from "../../../fixtures/programs/stand_in_runner.ts";

const LABELS = ["self.hosted", "linux.shell"];

/** What every known version of the real runner says in one spelling or another. */
const KNOWN_WORDS = /online|offline|getting\s+step|completing\s+step|version|shutdown/i;

Deno.test("A runner with other words runs its step, and says nothing that anybody knows", async () => {
  const { stdout, file } = await wordsOf({ runnerWords: "other" });
  assert.ok(stdout.split("\n").length > 5, stdout);
  assert.doesNotMatch(stdout, KNOWN_WORDS);
  assert.equal(file, stdout);
});

Deno.test("A mute runner runs its step, and says nothing", async () => {
  assert.deepEqual(await wordsOf({ runnerWords: "mute" }), { stdout: "", file: undefined });
});

Deno.test("A runner that logs to its file alone leaves stdout empty", async () => {
  const { stdout, file } = await wordsOf({ runnerLogsTo: "file" });
  assert.equal(stdout, "");
  assert.match(file ?? "", /Getting step StepId/);
});

Deno.test("A runner that logs to stdout alone writes no file", async () => {
  const { stdout, file } = await wordsOf({ runnerLogsTo: "stdout" });
  assert.match(stdout, /Getting step StepId/);
  assert.equal(file, undefined);
});

Deno.test("By default a runner says the same on stdout and in its file", async () => {
  const { stdout, file } = await wordsOf({});
  assert.match(stdout, /Getting step StepId/);
  assert.equal(file, stdout);
});

Deno.test("A runner of odd spacing says one ONLINE line only, with blanks of its own", async () => {
  const { stdout } = await wordsOf({ runnerSpacing: "odd" });
  assert.ok(stdout.includes(']  Updating  runner  status  to  "ONLINE"  and  checking  for'), stdout);
  assert.doesNotMatch(stdout, /Updating\s+runner\s+state\s+to\s+"ONLINE"/);
  assert.ok(
    stdout.includes("]  Completing  step  with  result  Result{status=SUCCESSFUL,  error=None}. \n"),
    stdout,
  );
});

for (
  const [command, usual, odd] of [["true", "PASSED", "SUCCESSFUL"], ["false", "FAILED", "ERROR"]] as const
) {
  Deno.test(`The command «${command}» ends in ${usual}, or in the odd word ${odd}`, async () => {
    for (const [runnerSpacing, word] of [["usual", usual], ["odd", odd]] as const) {
      const { stdout } = await wordsOf({ runnerSpacing }, command);
      assert.match(stdout, new RegExp(`Result\\{status=${word},`));
    }
  });
}

Deno.test("A stopped step ends in the odd word STOPPED", async () => {
  await withLocalCloud({ bitbucket: { runnerSpacing: "odd" } }, async (cloud) => {
    await withStandIn(cloud, LABELS, async (running) => {
      const pipeline = start(cloud, "echo here; sleep 300");
      await cloud.happenings.until("step output", { where: ({ line }) => line === "here" });
      cloud.bitbucket.scheduler.stop(pipeline.uuid);
      await play(cloud, "true");
      assert.match((await wordsAtEnd(running)).stdout, /Result\{status=STOPPED,/);
    });
  });
});

Deno.test("A runner begins a new log file when the old one has its size", async () => {
  await withLocalCloud({ bitbucket: { rotatesLogAt: 300 } }, async (cloud) => {
    await withStandIn(cloud, LABELS, async (running) => {
      await play(cloud, "true");
      const { stdout, file = "" } = await wordsAtEnd(running);
      const before = await readIfThere(`${logFile(running)}.1`) ?? "";
      assert.ok(before.length >= 300 && before.length < 600, before);
      assert.ok(stdout.endsWith(before + file), stdout);
    });
  });
});

Deno.test("A step gets all of the runner's environment, and nothing of its arguments", async () => {
  await withLocalCloud({}, async (cloud) => {
    const env = { OAUTH_CLIENT_SECRET: "leaked by environment", WORKING_DIRECTORY: "/nowhere" };
    await withStandIn(cloud, LABELS, async ({ runner, folder }) => {
      const output = (await play(cloud, "env")).items[0]?.[0]?.output.join("\n") ?? "";
      assert.match(output, /^OAUTH_CLIENT_SECRET=leaked by environment$/m);
      assert.match(output, /^WORKING_DIRECTORY=\/nowhere$/m);
      assert.ok(!output.includes(runner.client.secret), output);
      assert.ok(output.includes(`BITBUCKET_CLONE_DIR=${folder}/`), output);
      assert.doesNotMatch(output, /^(RUNNER_UUID|ACCOUNT_UUID|OAUTH_CLIENT_ID)=/m);
    }, env);
  });
});

Deno.test("A step runs in a session of its own, as a child of the runner", async () => {
  await withLocalCloud({}, async (cloud) => {
    await withStandIn(cloud, LABELS, async ({ pid }) => {
      const output = (await play(cloud, "cut -d' ' -f1,4,6 /proc/$$/stat; echo $$")).items[0]?.[0]?.output ??
        [];
      const step = output.at(-1) ?? "";
      assert.match(step, /^\d+$/);
      assert.ok(output.includes(`${step} ${pid} ${step}`), output.join("\n"));
    });
  });
});

Deno.test("A step is over at Bitbucket only some time after its runner has said so", async () => {
  await withLocalCloud({ bitbucket: { resultDelayMs: 700 } }, async (cloud) => {
    await withStandIn(cloud, LABELS, async (running) => {
      assert.equal((await play(cloud, "true")).result, "SUCCESSFUL");
      const [ended] = cloud.happenings.of("step ended");
      const { stdout } = await wordsAtEnd(running);
      const said = /^\[(.+) (.+),(.+)\] Completing step/m.exec(stdout);
      const saidAt = Date.parse(`${said?.[1]}T${said?.[2]}.${said?.[3]}Z`);
      // Timers may be a moment early.
      assert.ok((ended?.at ?? 0) - saidAt >= 690, stdout);
    });
  });
});

for (const signal of ["SIGTERM", "SIGKILL"] as const) {
  Deno.test(`A runner that ${signal} ends between its last words and the result loses the step`, async () => {
    const bitbucket = { resultDelayMs: 60_000, heartbeatMs: 50, offlineAfterMs: 500 };
    await withLocalCloud({ bitbucket }, async (cloud) => {
      await withStandIn(cloud, LABELS, async (running) => {
        const pipeline = start(cloud, "true");
        await completing(running);
        running.kill(signal);
        await cloud.bitbucket.scheduler.ended(pipeline.uuid);
        assert.equal(pipeline.result, "ERROR");
        assert.deepEqual(cloud.bitbucket.cancelledSteps, pipeline.items.flat());
      });
    });
  });
}

/** What a runner of these settings writes while it serves a step and is ended. */
async function wordsOf(
  bitbucket: Partial<BitbucketSettings>,
  command = "true",
): Promise<{ stdout: string; file: string | undefined }> {
  let words: { stdout: string; file: string | undefined } | undefined;
  await withLocalCloud({ bitbucket }, async (cloud) => {
    await withStandIn(cloud, LABELS, async (running) => {
      const { result } = await play(cloud, command);
      assert.equal(result, command === "true" ? "SUCCESSFUL" : "FAILED");
      words = await wordsAtEnd(running);
    });
  });
  assert.ok(words);
  return words;
}

async function wordsAtEnd(running: RunningStandIn) {
  running.kill("SIGTERM");
  assert.equal((await running.status).code, 0);
  return { stdout: await running.output, file: await readIfThere(logFile(running)) };
}

/** Resolves when the runner has written «Completing step» to its file. */
async function completing(running: RunningStandIn): Promise<void> {
  await eventually(
    "it completes its step",
    async () => /Completing step/.test(await readIfThere(logFile(running)) ?? "") || undefined,
  );
}

function logFile({ folder, runner }: RunningStandIn): string {
  return `${folder}/${runner.uuid.replace(/[{}]/g, "")}/runner.log`;
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function start(cloud: LocalCloud, command: string): Pipeline {
  const step = { "runs-on": LABELS, script: [command] };
  return cloud.bitbucket.startPipeline(JSON.stringify({ pipelines: { default: [{ step }] } }));
}

async function play(cloud: LocalCloud, command: string): Promise<Pipeline> {
  const pipeline = start(cloud, command);
  await cloud.bitbucket.scheduler.ended(pipeline.uuid);
  return pipeline;
}
