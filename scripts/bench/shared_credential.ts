import type { LocalRelease } from "../local_cloud/local_release.ts";
import type { Pipeline } from "../local_cloud/pipelines/pipeline.ts";
import { startLocalCloud } from "../local_cloud/start_local_cloud.ts";
import { buildsOf, flowEnded, startFlow } from "../soak/flow.ts";
import { compressedStep } from "./fast_release.ts";
import type { Figure } from "./report/figure.ts";
import { COMPRESSED } from "./request_counts.ts";

const LIMIT = 1000;
const AT_A_TIME = 5;
const STEP_MINUTES = 20;
const RATE = 400;

/** Builds started within an hour on one credential, under Bitbucket's limit. */
export async function sharedFigures(release: LocalRelease, builds: number): Promise<Figure[]> {
  const { succeeded, requests, refused } = await shareCredential(release, builds);
  const how =
    `${builds} flows of one repository, ${AT_A_TIME} at a time, each with a step of ${STEP_MINUTES} minutes ` +
    `for which the agent's clock runs ${RATE} times as fast; all fall within one hour of the local cloud's ` +
    `rate limit, which refused ${refused} requests; ${
      (requests / builds).toFixed(1)
    } requests for each build`;
  return [
    {
      name: "Builds within an hour on one credential that succeeded",
      unit: "builds",
      values: [succeeded],
      budget: { limit: builds, judged: "lowest" },
      how,
    },
    {
      name: `Bitbucket requests of these ${builds} builds together`,
      unit: "requests",
      values: [requests],
      budget: { limit: LIMIT, judged: "highest" },
      how,
    },
  ];
}

/** What became of builds that share one credential. */
interface Shared {
  /** Their pipeline and their build. */
  readonly succeeded: number;
  readonly requests: number;
  readonly refused: number;
}

async function shareCredential(release: LocalRelease, builds: number): Promise<Shared> {
  const cloud = await startLocalCloud({
    releaseFolder: release.folder,
    bitbucket: { requestsPerHour: LIMIT, rateLimitHourMs: 3_600_000, offlineAfterMs: 30_000 },
  });
  const plan = { steps: [compressedStep(STEP_MINUTES, RATE)], variables: COMPRESSED };
  const pipelines: Pipeline[] = [];
  const worker = async () => {
    while (pipelines.length < builds) {
      const pipeline = startFlow(cloud, release.bin, plan);
      pipelines.push(pipeline);
      await flowEnded(cloud, pipeline);
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_A_TIME }, worker));
    const good = pipelines.filter((pipeline) =>
      pipeline.result === "SUCCESSFUL" &&
      buildsOf(cloud, pipeline).every(({ status }) => status === "SUCCEEDED")
    );
    return {
      succeeded: good.length,
      requests: cloud.requests.count({ api: "Bitbucket" }),
      refused: cloud.requests.all.filter(({ api, status }) => api === "Bitbucket" && status === 429).length,
    };
  } finally {
    await cloud.close();
  }
}
