import type { BuildTimes } from "../settings/agent_schema.ts";
import type { Timeline } from "./timeline.ts";

/** What the metrics are filed under; dashboards go by these names. */
const NAMESPACE = "BitbucketRunner";
const DIMENSION = "Repository";

/**
 * A build's times in CloudWatch's embedded metric format, those that are known. Source: CloudWatch user guide, embedded
 * metric format specification.
 */
export function metricsLine(
  { stepS, onlineS, idleS }: Timeline,
  { queuedS, provisioningS }: BuildTimes,
  { repository, buildId, nowMs }: {
    readonly repository: string;
    readonly buildId: string;
    readonly nowMs: number;
  },
) {
  const all = {
    QueueSeconds: queuedS,
    ProvisioningSeconds: provisioningS,
    OnlineSeconds: onlineS,
    IdleSeconds: idleS,
    StepSeconds: stepS,
  };
  const known = Object.entries(all).filter(([, seconds]) => seconds !== undefined);
  const metrics = known.map(([name]) => ({ Name: name, Unit: "Seconds" }));
  return {
    _aws: {
      Timestamp: nowMs,
      CloudWatchMetrics: [{ Namespace: NAMESPACE, Dimensions: [[DIMENSION]], Metrics: metrics }],
    },
    [DIMENSION]: repository,
    Build: buildId,
    ...Object.fromEntries(known),
  };
}
