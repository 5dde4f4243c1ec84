import assert from "node:assert/strict";
import { Heartbeat, withHeartbeat } from "../../../cli/progress/heartbeat.ts";
import type { TextWriter } from "../../../shared/program/host.ts";
import { Logger } from "../../../shared/output/log.ts";
import { Redactor } from "../../../shared/output/redact.ts";

/** A clock that stands still but for sleeps, and what is written meanwhile. */
function world(more: (written: string[]) => Partial<TextWriter>, format: "text" | "json" = "text") {
  const written: string[] = [];
  let nowMs = 0;
  const host = {
    now: () => nowMs,
    monotonicMs: () => nowMs,
    stderr: { write: (text: string) => void written.push(text), ...more(written) },
    async sleep(ms: number, signal?: AbortSignal) {
      await Promise.resolve();
      signal?.throwIfAborted();
      nowMs += ms;
    },
  };
  return { context: { host, log: new Logger(host, format, new Redactor()) }, written, host };
}

/** Lets a heartbeat go on until the clock shows `ms`, telling it of phases when their time has come. */
async function play(
  { context, host }: ReturnType<typeof world>,
  ms: number,
  phases: readonly [atMs: number, phase: string][],
): Promise<void> {
  const over = new AbortController();
  const heartbeat = new Heartbeat({
    ...context,
    host: {
      ...host,
      async sleep(ms_: number, signal?: AbortSignal) {
        await host.sleep(ms_, signal);
        const [, phase] = phases.findLast(([at]) => host.now() >= at) ?? [];
        if (phase !== undefined) heartbeat.waitsFor(phase, phase);
        if (host.now() >= ms) over.abort();
      },
    },
  });
  for (const [at, phase] of phases) if (at === 0) heartbeat.waitsFor(phase, phase);
  await heartbeat.beat(over.signal);
}

Deno.test("`Heartbeat` tells every 30 s in a log what is waited for, and how long already", async () => {
  const { context, ...rest } = world(() => ({}));
  await play({ context, ...rest }, 91_000, [[0, "provisioning"]]);
  assert.deepEqual(rest.written.map((line) => line.slice(10)), [
    "provisioning … 30 s\n",
    "provisioning … 60 s\n",
    "provisioning … 90 s\n",
  ]);
});

Deno.test("`Heartbeat` has its phase and its seconds for machines", async () => {
  const json = world(() => ({ passing: () => assert.fail("nothing moves in JSON") }), "json");
  await play(json, 31_000, [[0, "provisioning"]]);
  const { phase, waitedS } = JSON.parse(json.written[0] ?? "");
  assert.deepEqual([phase, waitedS], ["provisioning", 30]);
});

Deno.test("`Heartbeat` moves each second in the last line of a terminal, and writes no line there", async () => {
  const moved: string[] = [];
  const terminal = world(() => ({ passing: (text: string) => void moved.push(text) }));
  await play(terminal, 3_000, [[0, "queued"], [2_000, "install"]]);
  assert.deepEqual(moved, ["queued … 0 s", "queued … 0 s", "queued … 1 s", "install … 0 s", "install … 0 s"]);
  assert.deepEqual(terminal.written, []);
});

Deno.test("`withHeartbeat()` takes the moving line back, also where what it is beside fails", async () => {
  const moved: string[] = [];
  const { context } = world(() => ({ passing: (text: string) => void moved.push(text) }));
  const failing = withHeartbeat(context, async (heartbeat) => {
    heartbeat.waitsFor("x", "x");
    await Promise.resolve();
    throw new Error("broken");
  });
  await assert.rejects(failing, { message: "broken" });
  assert.equal(moved.at(-1), "");
});
