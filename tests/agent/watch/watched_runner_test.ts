import assert from "node:assert/strict";
import { RunnerOutput } from "../../../agent/watch/runner_output.ts";
import { RunnerEar } from "../../../agent/watch/watched_runner.ts";
import { type QuickHost, quickHost } from "../../fixtures/quick_host.ts";
import { recordedLog } from "../../fixtures/recorded_log.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";
import { standInControl } from "./stand_in_control.ts";

const ONLINE = '[2026-11-21 04:00:00,123] Updating runner state to "ONLINE".\n';
const OFFLINE = ONLINE.replace("ONLINE", "OFFLINE");
const CALM = new AbortController().signal;

interface Scene {
  readonly ear: RunnerEar;
  readonly host: QuickHost;
  readonly control: ReturnType<typeof standInControl>;
  /** What the build's log shows so far. */
  readonly shown: () => string;
  readonly say: (text: string) => void;
}

/** An ear at a runner whose output goes to a real file; waiting takes no time. */
async function listening(body: (scene: Scene) => Promise<void>, sleep?: QuickHost["sleep"]): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    let shown = "";
    const stdout = { write: (text: string) => void (shown += text) };
    const host = quickHost({ stdout, ...(sleep === undefined ? {} : { sleep }) });
    const { log } = recordedLog();
    log.redactor.add("the-runner's-secret");
    const output = new RunnerOutput({ stdout: `${folder}/runner.log` }, host);
    const control = standInControl();
    const say = (text: string) => Deno.writeTextFileSync(`${folder}/runner.log`, text, { append: true });
    try {
      await body({
        ear: new RunnerEar(host, log, { control, output }),
        host,
        control,
        shown: () => shown,
        say,
      });
    } finally {
      output.close();
    }
  });
}

Deno.test("`RunnerEar` passes the output on, redacted, and tells what it means", async () => {
  await listening(({ ear, shown, say }) => {
    say(`Hello the-runner's-secret\n${ONLINE}cut of`);
    assert.deepEqual(ear.hearNow(), [{ type: "online" }]);
    assert.equal(shown(), `  | Hello ***\n  | ${ONLINE}`);
    say(`f\n${OFFLINE}`);
    assert.deepEqual(ear.hearNow(), [{ type: "offline" }]);
    assert.ok(shown().endsWith(`  | cut off\n  | ${OFFLINE}`));
    return Promise.resolve();
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
  await listening(({ ear, say }) => {
    say(Array.from({ length: 30 }, (_, index) => `the-runner's-secret ${index}\n`).join(""));
    ear.hearNow();
    assert.equal(ear.lastLines.length, 20);
    assert.deepEqual([ear.lastLines[0], ear.lastLines[19]], ["*** 10", "*** 29"]);
    return Promise.resolve();
  });
});

Deno.test("`RunnerEar` listens until its time is up, and returns early when it hears something", async () => {
  await listening(async ({ ear, host, say }) => {
    const start = host.monotonicMs();
    assert.deepEqual(await ear.listen(start + 5_000, CALM), []);
    assert.ok(host.monotonicMs() >= start + 5_000);
    say(ONLINE);
    assert.deepEqual(await ear.listen(Infinity, CALM), [{ type: "online" }]);
  });
});

Deno.test("`RunnerEar` keeps the output flowing, about once a second", async () => {
  await listening(async ({ ear, host, control }) => {
    await ear.listen(host.monotonicMs() + 10_000, CALM);
    assert.ok(control.calls.length >= 9 && control.calls.length <= 11, `${control.calls.length}`);
    assert.ok(control.calls.every((call) => call === "keep output flowing"));
  });
});

Deno.test("`RunnerEar` hears a dead runner's last words, then that it is gone, once", async () => {
  await listening(async ({ ear, host, control, say }) => {
    control.pulse = () => {
      say(OFFLINE);
      return Promise.resolve("dead");
    };
    assert.deepEqual(await ear.listen(Infinity, CALM), [{ type: "offline" }, { type: "runner exited" }]);
    assert.deepEqual(await ear.listen(host.monotonicMs() + 3_000, CALM), []);
  });
});

Deno.test("`RunnerEar` stops listening when the program is interrupted", async () => {
  const controller = new AbortController();
  const sleep: QuickHost["sleep"] = (_ms, signal) => {
    controller.abort(new Error("enough"));
    return Promise.reject(signal?.reason);
  };
  await listening(async ({ ear }) => {
    await assert.rejects(ear.listen(Infinity, controller.signal), { message: "enough" });
  }, sleep);
});
