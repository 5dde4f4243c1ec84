import assert from "node:assert/strict";
import { LookPace } from "../../../cli/wait/look_pace.ts";
import { sessionDurationS, sessionName } from "../../../cli/aws/role_session.ts";

const RUNNING = { queued: false, throttled: false };
const QUEUED = { queued: true, throttled: false };

Deno.test("`LookPace` looks at least 5 s apart in the queue and within 2 s after it", () => {
  const pace = new LookPace();
  assert.ok(pace.nextMs(QUEUED) >= 5000);
  assert.ok(pace.nextMs(RUNNING) < 2000);
});

Deno.test("`LookPace` doubles the interval while throttled, up to 30 s, and recovers slowly", () => {
  const pace = new LookPace();
  const normal = pace.nextMs(RUNNING);
  const throttled = { queued: false, throttled: true };
  const slower = [1, 2, 3, 4, 5, 6].map(() => pace.nextMs(throttled));
  assert.deepEqual(slower.slice(0, 3), [normal * 2, normal * 4, normal * 8]);
  assert.equal(slower.at(-1), 30_000);
  assert.equal(pace.nextMs({ queued: true, throttled: true }), 30_000);
  const recovering = Array.from({ length: 20 }, () => pace.nextMs(RUNNING));
  assert.ok((recovering[0] ?? 0) > 20_000);
  assert.equal(recovering.at(-1), normal);
});

Deno.test("`sessionDurationS()` covers both waits and five minutes, within what STS takes", () => {
  const duration = (capacityTimeoutS: number, startupTimeoutS: number) =>
    sessionDurationS({ capacityTimeoutS, startupTimeoutS });
  assert.equal(duration(1800, 600), 2700);
  assert.equal(duration(0, 1), 900);
  assert.equal(duration(86_400, 600), 43_200);
});

Deno.test("`sessionName()` keeps to the characters and the length that STS takes", () => {
  const uuid = "{11111111-1111-4111-8111-111111111111}";
  const names = [
    sessionName({ repository: "app", buildNumber: "7", pipelineUuid: uuid, stepUuid: uuid }),
    sessionName({ repository: undefined, buildNumber: undefined, pipelineUuid: uuid, stepUuid: undefined }),
    sessionName({
      repository: "a b/ü".repeat(20),
      buildNumber: "9".repeat(80),
      pipelineUuid: uuid,
      stepUuid: uuid,
    }),
  ];
  assert.equal(names[0], "start-runner-app-7-11111111");
  for (const name of names) assert.match(name, /^[\w+=,.@-]{2,64}$/);
});
