import type { Pipeline } from "../local_cloud/pipelines/pipeline.ts";
import type { LocalCloud } from "../local_cloud/start_local_cloud.ts";
import { buildsOf, launcherOf } from "./flow.ts";

/** All that a flow printed, and all requests to its cloud, for whoever has to find out what went wrong. */
export function flowLog(cloud: LocalCloud, pipeline: Pipeline): string {
  const builds = buildsOf(cloud, pipeline).map(({ log }) =>
    log.events.map(({ message }) => message).join("")
  );
  const requests = cloud.requests.all.map(({ call, status, fault }) =>
    `${call} ${status}${fault === undefined ? "" : ` («${fault}»)`}`
  );
  return [...launcherOf(pipeline).output, ...builds, requests.join(", ")].join("\n");
}
