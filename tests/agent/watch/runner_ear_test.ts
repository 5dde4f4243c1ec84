import assert from "node:assert/strict";
import { RunnerEar } from "../../../agent/watch/runner_ear.ts";
import type { RunnerEvent } from "../../../agent/life/runner_log.ts";
import { type OutputPlaces, RunnerOutput } from "../../../agent/watch/runner_output.ts";
import { type QuickHost, quickHost } from "../../fixtures/quick_host.ts";
import { recordedLog } from "../../fixtures/recorded_log.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";
import { standInControl } from "./stand_in_control.ts";

const ONLINE = '[2026-11-21 04:00:00,123] Updating runner state to "ONLINE".\n';
const OFFLINE = ONLINE.replace("ONLINE", "OFFLINE");
const STEP = "[2026-11-21 04:00:00,123] Getting step StepId{pipelineUuid={p}, stepUuid={s}}.\n";
const OVER = "[2026-11-21 04:00:00,123] Completing step with result Result{status=PASSED, error=None}.\n";
const CALM = new AbortController().signal;

interface Scene {
  readonly ear: RunnerEar;
  readonly host: QuickHost;
  readonly control: ReturnType<typeof standInControl>;
  /** What the build's log shows so far. */
  readonly shown: () => string;
  readonly said: () => string;
  readonly say: (text: string) => void;
}

/** An ear at a runner whose output goes to a real file; waiting takes no time. */
async function listening(body: (scene: Scene) => Promise<void>): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    let shown = "";
    const stdout = { write: (text: string) => void (shown += text) };
    const host = quickHost({ stdout });
    const { log, text } = recordedLog();
    log.redactor.add("the-runner's-secret");
    const output = new RunnerOutput({ stdout: `${folder}/runner.log` }, host);
    const control = standInControl();
    const say = (text: string) => Deno.writeTextFileSync(`${folder}/runner.log`, text, { append: true });
    try {
      await body({
        ear: new RunnerEar(host, log, { control, output, baseline: [] }, { endsLeftovers: true }),
        host,
        control,
        shown: () => shown,
        said: text,
        say,
      });
    } finally {
      output.close();
    }
  });
}

const IDLE = { type: "hands", hands: "idle" } as const;

Deno.test("`RunnerEar` passes the output on, redacted, and tells what it means", async () => {
  await listening(async ({ ear, shown, say }) => {
    say(`Hello the-runner's-secret\n${ONLINE}cut of`);
    assert.deepEqual(await ear.hearNow(), [{ type: "online" }, IDLE]);
    assert.equal(shown(), `  | Hello ***\n  | ${ONLINE}`);
    say(`f\n${OFFLINE}`);
    assert.deepEqual(await ear.hearNow(), [{ type: "offline" }]);
    assert.ok(shown().endsWith(`  | cut off\n  | ${OFFLINE}`));
  });
});

Deno.test("`RunnerEar` lets no line of the runner's do anything to who shows it, or go on for ever", async () => {
  await listening(async ({ ear, shown, say }) => {
    say(`\x1b[2Ja\rerror: forged\n${"x".repeat(50_000)}\n`);
    await ear.hearNow();
    const lines = shown().split("\n");
    assert.equal(lines[0], "  | \\x1b[2Ja\\rerror: forged");
    assert.match(lines[1] ?? "", /^ {2}\| x+… \(33616 characters left out\)$/);
    assert.equal(ear.lastLines[1], `${"x".repeat(500)}… (49500 characters left out)`);
  });
});

Deno.test("`RunnerEar` does not show again what an earlier phase has shown", async () => {
  await listening(({ ear, shown, say }) => {
    say(`Hello\n${ONLINE}`);
    assert.deepEqual([...ear.catchUp()], [{ type: "online" }]);
    assert.equal(shown(), "");
    assert.deepEqual(ear.lastLines, ["Hello", ONLINE.trim()]);
    return Promise.resolve();
  });
});

Deno.test("`RunnerEar` keeps the last 20 lines for a failure's message, redacted", async () => {
  await listening(async ({ ear, say }) => {
    say(Array.from({ length: 30 }, (_, index) => `the-runner's-secret ${index}\n`).join(""));
    await ear.hearNow();
    assert.equal(ear.lastLines.length, 20);
    assert.deepEqual([ear.lastLines[0], ear.lastLines[19]], ["*** 10", "*** 29"]);
  });
});

Deno.test("`RunnerEar` listens until its time is up, and returns early when it hears something", async () => {
  await listening(async ({ ear, host, say }) => {
    await ear.hearNow();
    const start = host.monotonicMs();
    assert.deepEqual(await ear.listen(start + 5_000, CALM), []);
    assert.ok(host.monotonicMs() >= start + 5_000);
    say(ONLINE);
    assert.deepEqual(await ear.listen(Infinity, CALM), [{ type: "online" }]);
  });
});

Deno.test("`RunnerEar` keeps the output flowing, about once a second", async () => {
  await listening(async ({ ear, host, control }) => {
    await ear.hearNow();
    await ear.listen(host.monotonicMs() + 10_000, CALM);
    assert.ok(control.calls.length >= 9 && control.calls.length <= 12, `${control.calls.length}`);
    assert.ok(control.calls.every((call) => call === "keep output flowing"));
  });
});

Deno.test("`RunnerEar` hears a dead runner's last words, then that it is gone, once", async () => {
  await listening(async ({ ear, host, control, say }) => {
    await ear.hearNow();
    control.pulse = () => {
      say(OFFLINE);
      return Promise.resolve("dead");
    };
    assert.deepEqual(await ear.listen(Infinity, CALM), [{ type: "offline" }, {
      type: "pulse",
      pulse: "dead",
    }]);
    assert.deepEqual(await ear.listen(host.monotonicMs() + 3_000, CALM), []);
  });
});

Deno.test("`RunnerEar` does not take it for death that nobody could look, and says so once", async () => {
  await listening(async ({ ear, host, control, said }) => {
    control.pulse = () => Promise.resolve("unknown");
    await ear.hearNow();
    assert.deepEqual(await ear.listen(host.monotonicMs() + 5_000, CALM), []);
    assert.equal(said().match(/cannot be told whether the runner still runs/g)?.length, 1);
  });
});

Deno.test("`RunnerEar` tells what the runner has running, unless its words tell of a step", async () => {
  await listening(async ({ ear, host, control, say }) => {
    await ear.hearNow();
    control.running = ["1:9"];
    assert.deepEqual(await ear.listen(Infinity, CALM), [{ type: "hands", hands: "busy" }]);
    control.running = [];
    assert.deepEqual(await ear.listen(Infinity, CALM), [IDLE]);
    say(STEP);
    assert.equal((await ear.listen(Infinity, CALM))[0]?.type, "step started");
    control.running = ["2:9"];
    assert.deepEqual(await ear.listen(host.monotonicMs() + 5_000, CALM), []);
    say(OVER);
    assert.deepEqual(await ear.listen(Infinity, CALM), [{ type: "step completed", result: "PASSED" }]);
    assert.deepEqual(await ear.listen(host.monotonicMs() + 5_000, CALM), [], "what is left of the step");
    assert.deepEqual(await ear.lastLook(), []);
    control.running = ["3:9"];
    say(ONLINE);
    assert.deepEqual(await ear.lastLook(), [{ type: "online" }, { type: "hands", hands: "busy" }]);
  });
});

Deno.test("`RunnerEar` takes back what it found in the last look when that is over, however short it was", async () => {
  await listening(async ({ ear, control, host }) => {
    await ear.hearNow();
    control.running = ["3:9"];
    assert.deepEqual(await ear.lastLook(), [{ type: "hands", hands: "busy" }]);
    control.running = [];
    const heard = await ear.listen(host.monotonicMs() + 5_000, CALM);
    assert.deepEqual(heard, [{ type: "hands", hands: "idle" }]);
  });
});

Deno.test("`RunnerEar` stops listening when the program is interrupted", async () => {
  const controller = new AbortController();
  await listening(async ({ ear }) => {
    await ear.hearNow();
    controller.abort(new Error("enough"));
    await assert.rejects(ear.listen(Infinity, controller.signal), { message: "enough" });
  });
});

Deno.test("`RunnerEar` looks once a minute at what the runner has running while its words tell of a step", async () => {
  await listening(async ({ ear, host, control, say }) => {
    await ear.hearNow();
    say(STEP);
    assert.equal((await ear.listen(Infinity, CALM))[0]?.type, "step started");
    control.running = ["1:9"];
    let looks = 0;
    const { work } = control;
    control.work = () => {
      looks++;
      return work.call(control);
    };
    const begun = host.monotonicMs();
    assert.deepEqual(await ear.listen(Infinity, CALM), [{ type: "hands", hands: "busy" }]);
    assert.ok(host.monotonicMs() - begun < 130_000);
    assert.ok(looks <= 3, `${looks}`);
  });
});

Deno.test("`RunnerEar` does not take a step's processes for the runner's own when it begins at once after another", async () => {
  await listening(async ({ ear, host, control, say }) => {
    say(`${STEP}${OVER}${STEP.replace("{s}", "{next}")}`);
    control.running = ["1:9"];
    await ear.hearNow();
    await ear.listen(host.monotonicMs() + 200_000, CALM);
    assert.deepEqual(ear.baseline, []);
  });
});

Deno.test("`RunnerEar` has what a step left ended, by what the runner had running before it", async () => {
  await listening(async ({ ear, host, control, say, said }) => {
    await ear.hearNow();
    const known: string[][] = [];
    const signals: string[] = [];
    control.leftBehind = (step) => {
      known.push([step.stepUuid, ...step.known]);
      return Promise.resolve([{ name: "12 (sleep)", signal: (signal) => void signals.push(signal) }]);
    };
    say(`${STEP}`);
    await ear.hearNow();
    control.running = ["12:9"];
    say(OVER);
    await ear.hearNow();
    await ear.listen(host.monotonicMs() + 10_000, CALM);
    assert.deepEqual(known, [["{s}"]]);
    assert.deepEqual(signals, ["SIGTERM", "SIGKILL"]);
    assert.match(said(), /Ending what step \{s\} has left running: 12 \(sleep\)/);
  });
});

Deno.test("`RunnerEar` warns of what it cannot hear, once, and goes on", async () => {
  await listening(async ({ ear, host, control, say, said, shown }) => {
    await ear.hearNow();
    const { work, keepOutputFlowing } = control;
    control.work = () => Promise.reject(new Error("Cannot fork"));
    control.keepOutputFlowing = () => Promise.reject(new Error("Cannot fork"));
    say("Hello\n");
    assert.deepEqual(await ear.listen(host.monotonicMs() + 5_000, CALM), []);
    assert.deepEqual(await ear.lastLook(), []);
    assert.equal(shown(), "  | Hello\n");
    assert.equal(said().match(/Cannot fork/g)?.length, 1);
    Object.assign(control, { work, keepOutputFlowing });
    control.running = ["1:9"];
    assert.deepEqual(await ear.listen(Infinity, CALM), [{ type: "hands", hands: "busy" }]);
  });
});

Deno.test("`RunnerEar` shows no more of a flood than the log takes, and keeps its last lines", async () => {
  await listening(async ({ ear, say, shown, said }) => {
    say(`${"x".repeat(999)}\n`.repeat(3_000));
    say("java.lang.OutOfMemoryError\n");
    for (let reading = 0; reading < 4; reading++) await ear.hearNow();
    assert.ok(shown().length < 1024 * 1024 && shown().length > 1_000_000, `${shown().length}`);
    assert.equal(ear.lastLines.at(-1), "java.lang.OutOfMemoryError");
    ear.close();
    assert.match(said(), /1\.9 MB of the runner's output were left out of this log\n$/);
  });
});

Deno.test("`RunnerEar` goes on where an earlier phase has ended, with what still matters of what that heard", async () => {
  await withTemporaryFolder((folder) => {
    const file = `${folder}/runner.log`;
    const host = quickHost({ stdout: { write: () => {} } });
    const { log } = recordedLog();
    const control = standInControl();
    const listen = (places: OutputPlaces = {}, heard: readonly RunnerEvent[] = []) => {
      const output = new RunnerOutput({ stdout: file, places }, host);
      return { output, ear: new RunnerEar(host, log, { control, output, baseline: [], heard }) };
    };
    Deno.writeTextFileSync(file, `${ONLINE}${STEP}${OVER}${STEP.replace("{s}", "{next}")}half a`);
    const before = listen();
    const all = [...before.ear.catchUp()];
    assert.equal(all.length, 4);
    const { reading } = before.ear;
    before.output.close();
    Deno.writeTextFileSync(file, ` line\n${OVER}`, { append: true });
    const after = listen(reading.places, reading.heard);
    assert.deepEqual([...after.ear.catchUp()], [...all, { type: "step completed", result: "PASSED" }]);
    assert.deepEqual(after.ear.lastLines, ["half a line", OVER.trim()]);
    after.output.close();
    return Promise.resolve();
  });
});

Deno.test("`RunnerEar` tells the words before what runs, also where nothing notifies of them", async () => {
  await listening(async ({ ear, host, control, say }) => {
    await ear.hearNow();
    let looks = 0;
    control.work = () => {
      if (++looks === 3) say(STEP);
      return Promise.resolve(looks < 3 ? [] : ["the step's shell"]);
    };
    const heard = await ear.listen(host.monotonicMs() + 4000, CALM);
    assert.deepEqual(heard.map(({ type }) => type), ["step started", "hands"]);
  });
});
