import assert from "node:assert/strict";
import { RunnerEar } from "../../../agent/watch/runner_ear.ts";
import { RunnerOutput } from "../../../agent/watch/runner_output.ts";
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
        ear: new RunnerEar(host, log, { control, output, baseline: [] }),
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
    assert.deepEqual(ear.catchUp(), [{ type: "online" }]);
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
    assert.equal(await ear.handsAreFull(), false);
    control.running = ["3:9"];
    assert.equal(await ear.handsAreFull(), true);
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
