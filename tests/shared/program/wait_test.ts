import assert from "node:assert/strict";
import { waitFor } from "../../../shared/program/wait.ts";
import { quickHost } from "../../fixtures/quick_host.ts";

/** A clock that only sleeping moves. */
function stillHost() {
  let now = 1000;
  const sleeps: number[] = [];
  return {
    sleeps,
    monotonicMs: () => now,
    sleep(ms: number) {
      sleeps.push(ms);
      now += ms;
      return Promise.resolve();
    },
  };
}

Deno.test("`waitFor()` returns the first thing found, and looks before it sleeps", async () => {
  const host = stillHost();
  const found = await waitFor(host, () => "at once", { timeoutMs: 0, intervalMs: () => 10 });
  assert.deepEqual(found, { kind: "done", value: "at once" });
  assert.deepEqual(host.sleeps, []);
});

for (const value of [false, null, 0, ""]) {
  Deno.test(`\`waitFor()\` counts ${JSON.stringify(value)} as found`, async () => {
    const outcome = await waitFor(stillHost(), () => value, { timeoutMs: 1, intervalMs: () => 1 });
    assert.deepEqual(outcome, { kind: "done", value });
  });
}

Deno.test("`waitFor()` asks for each interval, and looks a last time when the time is up", async () => {
  const host = stillHost();
  let looks = 0;
  const outcome = await waitFor(host, () => void looks++, {
    timeoutMs: 100,
    intervalMs: (look) => look * 20,
  });
  assert.deepEqual(outcome, { kind: "timed out" });
  assert.deepEqual(host.sleeps, [20, 40, 40]);
  assert.equal(looks, 4);
});

Deno.test("`waitFor()` without an end goes on until something is found", async () => {
  const host = stillHost();
  let looks = 0;
  const outcome = await waitFor(host, () => ++looks === 500 || undefined, {
    timeoutMs: Infinity,
    intervalMs: () => 60_000,
  });
  assert.equal(outcome.kind, "done");
});

Deno.test("`waitFor()` rejects with the signal's reason, before and between looks", async () => {
  const early = AbortSignal.abort(new Error("enough"));
  const options = { timeoutMs: Infinity, intervalMs: () => 1 };
  await assert.rejects(waitFor(stillHost(), () => true, { ...options, signal: early }), {
    message: "enough",
  });
  const controller = new AbortController();
  const look = () => controller.abort(new Error("enough"));
  const waiting = waitFor(quickHost(), look, { ...options, signal: controller.signal });
  await assert.rejects(waiting, { message: "enough" });
});

Deno.test("`waitFor()` passes a look's failure on", async () => {
  const look = () => Promise.reject(new Error("no answer"));
  await assert.rejects(waitFor(stillHost(), look, { timeoutMs: 9, intervalMs: () => 1 }), {
    message: "no answer",
  });
});
