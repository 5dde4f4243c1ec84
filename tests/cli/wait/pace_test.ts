import assert from "node:assert/strict";
import fc from "fast-check";
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

Deno.test("`sessionDurationS()` covers all waits and five minutes, at least what every role allows, at most what STS takes", () => {
  const duration = (capacityTimeoutS: number, startupTimeoutS: number, queuedTimeoutMinutes?: number) =>
    sessionDurationS({ capacityTimeoutS, startupTimeoutS, queuedTimeoutMinutes });
  assert.equal(duration(1800, 600), 3600);
  assert.equal(duration(0, 1), 3600);
  assert.equal(duration(3600, 600), 4500);
  assert.equal(duration(1800, 600, 60), 6300);
  assert.equal(duration(86_400, 600), 43_200);
});

const UUID = "{11111111-1111-4111-8111-111111111111}";

Deno.test("`sessionName()` tells repository, pipeline and step", () => {
  const step = { pipelineUuid: UUID, stepUuid: UUID };
  assert.equal(
    sessionName({ ...step, repository: "app", buildNumber: "7" }),
    "start-runner@app@7@11111111",
  );
  assert.equal(
    sessionName({ ...step, repository: undefined, buildNumber: undefined, stepUuid: undefined }),
    "start-runner@@11111111-111@",
  );
});

Deno.test("`sessionName()` is what STS takes whatever things are called, and no name passes for another's part", () => {
  const hostile = fc.string({ unit: "binary", maxLength: 100 });
  const slug = fc.oneof(
    hostile,
    fc.constantFrom("app@7@11111111", "a b/ü".repeat(20), "app\n@1", "../..", "app-7"),
  );
  fc.assert(fc.property(slug, hostile, hostile, (repository, buildNumber, stepUuid) => {
    const name = sessionName({ repository, buildNumber, pipelineUuid: UUID, stepUuid });
    assert.match(name, /^start-runner(@[\w+=,.-]*){3}$/);
    assert.ok(name.length <= 64, name);
  }));
});
