import assert from "node:assert/strict";
import { metricsLine } from "../../../agent/times/metrics_line.ts";
import { timeline } from "../../../agent/times/timeline.ts";

const OF = { repository: "app", buildId: "ci:1", nowMs: 60_000 };
const TIMES = { startedMs: 0, begunMs: 10_000, onlineMs: 15_000 };
const STEPS = { firstMs: 17_000, lastMs: 57_000, busyMs: 40_000 };

function values(times: Parameters<typeof timeline>[0]): Record<string, unknown> {
  const { _aws, ...rest } = metricsLine(timeline(times, 60_000), times, OF);
  const { Metrics = [], ...metric } = _aws.CloudWatchMetrics[0] ?? {};
  assert.deepEqual(metric, { Namespace: "BitbucketRunner", Dimensions: [["Repository"]] });
  assert.equal(_aws.Timestamp, 60_000);
  const { Repository, Build, ...numbers } = rest as Record<string, unknown>;
  assert.deepEqual([Repository, Build], ["app", "ci:1"]);
  assert.deepEqual(Metrics, Object.keys(numbers).map((Name) => ({ Name, Unit: "Seconds" })));
  return numbers;
}

Deno.test("`metricsLine()` declares each number that it has, and none that it has not", () => {
  assert.deepEqual(values({ ...TIMES, steps: STEPS, queuedS: 3, provisioningS: 4 }), {
    QueueSeconds: 3,
    ProvisioningSeconds: 4,
    OnlineSeconds: 5,
    IdleSeconds: 5,
    StepSeconds: 40,
  });
  assert.deepEqual(values(TIMES), { OnlineSeconds: 5, IdleSeconds: 45 });
});
