import assert from "node:assert/strict";
import { SharedLooks } from "../../../cli/machines/shared_looks.ts";
import type { AwsSession } from "../../../cli/aws/aws_session.ts";
import type { JointLook, KnownBuild } from "../../../shared/aws/aws_codebuild.ts";
import { recordedLog } from "../../fixtures/recorded_log.ts";

type Answer = (ids: readonly string[], signal: AbortSignal) => Promise<JointLook>;

/** Looks on a clock that stands still but for sleeps, which go by one after the other. */
function world(answer: Answer) {
  let nowMs = 0;
  const asked: { readonly atMs: number; readonly ids: readonly string[] }[] = [];
  const sleeping: { readonly untilMs: number; readonly wake: () => void }[] = [];
  const host = {
    monotonicMs: () => nowMs,
    sleep: (ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        signal?.addEventListener("abort", () => reject(signal.reason));
        sleeping.push({ untilMs: nowMs + ms, wake: resolve });
      }),
  };
  const lookAtAll = async (ids: readonly string[], signal: AbortSignal) => {
    asked.push({ atMs: nowMs, ids: ids.toSorted() });
    return await answer(ids, signal);
  };
  const session = {
    keepAlive: () => Promise.resolve(),
    call: (run: (codebuild: unknown) => Promise<unknown>) => run({ lookAtAll }),
  } as unknown as AwsSession;
  const { log } = recordedLog();
  const looks = new SharedLooks({ host: host as never, log, session });
  /** Lets what is under way settle, and then the time pass until the next sleeper wakes. */
  async function pass(ms: number): Promise<void> {
    const endMs = nowMs + ms;
    for (;;) {
      for (let round = 0; round < 50; round++) await Promise.resolve();
      const next = sleeping.toSorted((a, b) => a.untilMs - b.untilMs)[0];
      if (next === undefined || next.untilMs > endMs) break;
      sleeping.splice(sleeping.indexOf(next), 1);
      nowMs = Math.max(nowMs, next.untilMs);
      next.wake();
    }
    nowMs = endMs;
  }
  return { looks, asked, pass };
}

const build = (id: string, currentPhase: string): KnownBuild => ({ id, currentPhase });
const all: Answer = (ids) =>
  Promise.resolve({ builds: ids.map((id) => build(id, "PROVISIONING")), retried: false });
const forEver = new AbortController().signal;

Deno.test("`SharedLooks` takes everybody along who waits, the queued ones too, when the first look is due", async () => {
  const { looks, asked, pass } = world(all);
  const found = Promise.all([
    looks.next(build("a", "PROVISIONING"), forEver),
    looks.next(build("b", "QUEUED"), forEver),
  ]);
  await pass(500);
  const late = looks.next(build("c", "QUEUED"), forEver);
  await pass(2_000);
  assert.deepEqual((await found).map((look) => look?.build?.id), ["a", "b"]);
  assert.equal((await late)?.build?.id, "c");
  const again = [looks.next(build("a", "QUEUED"), forEver), looks.next(build("b", "QUEUED"), forEver)];
  await pass(4_000);
  assert.equal(asked.length, 1, "queued builds are looked at rarely");
  await pass(1_000);
  await Promise.all(again);
  assert.deepEqual(asked, [{ atMs: 2_000, ids: ["a", "b", "c"] }, { atMs: 7_100, ids: ["a", "b"] }]);
});

Deno.test("`SharedLooks` looks soon where somebody cannot wait, once for all who come together", async () => {
  const { looks, asked, pass } = world(all);
  const patient = looks.next(build("a", "QUEUED"), forEver);
  const soon = [looks.soon("b"), looks.soon("c")];
  await pass(100);
  await Promise.all([patient, ...soon]);
  assert.deepEqual(asked, [{ atMs: 50, ids: ["a", "b", "c"] }]);
});

Deno.test("`SharedLooks` ends a wait with its signal, and a request that nobody waits for any more", async () => {
  let cut = false;
  const { looks, asked, pass } = world((_, signal) =>
    new Promise((_, reject) =>
      signal.addEventListener("abort", () => {
        cut = true;
        reject(signal.reason);
      })
    )
  );
  const [one, other] = [new AbortController(), new AbortController()];
  const waits = [one, other].map(({ signal }, index) => looks.next(build(`${index}`, "QUEUED"), signal));
  const outcomes = Promise.allSettled(waits);
  await pass(2_500);
  assert.equal(asked.length, 1);
  one.abort(new Error("enough"));
  await pass(1);
  assert.equal(cut, false);
  other.abort(new Error("enough"));
  await pass(1);
  assert.equal(cut, true);
  assert.deepEqual((await outcomes).map(({ status }) => status), ["rejected", "rejected"]);
});
