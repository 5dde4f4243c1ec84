import type { Installation } from "./installation.ts";

/** What the agent writes behind `--metrics`, in seconds, by what it is called on the dashboard. */
const METRICS: Readonly<Record<string, string>> = {
  QueueSeconds: "Waiting in AWS's queue",
  ProvisioningSeconds: "Provisioning",
  OnlineSeconds: "Until the runner is online",
  IdleSeconds: "Idle before the step",
  StepSeconds: "Steps",
};
const NAMESPACE = "BitbucketRunner";
const PERIOD_S = 3600;

/** A CloudWatch dashboard over the agent's metrics: average and worst of an hour, for each repository. */
export function dashboardBody({ region }: Pick<Installation, "region">): object {
  return {
    widgets: Object.entries(METRICS).map(([metric, title], index) => ({
      type: "metric",
      x: index % 2 * 12,
      y: Math.floor(index / 2) * 6,
      width: 12,
      height: 6,
      properties: {
        title: `${title} (s)`,
        region,
        view: "timeSeries",
        metrics: [[{ expression: search(metric, "Average") }], [{ expression: search(metric, "Maximum") }]],
      },
    })),
  };
}

/** Every repository that has written the metric, whichever they are. Source: CloudWatch's syntax of search expressions. */
function search(metric: string, statistic: string): string {
  return `SEARCH('{${NAMESPACE},Repository} MetricName="${metric}"', '${statistic}', ${PERIOD_S})`;
}
