import assert from "node:assert/strict";
import type { Build } from "../../scripts/local_cloud/codebuild/build.ts";
import type { Pipeline } from "../../scripts/local_cloud/pipelines/pipeline.ts";
import type { LocalCloud, LocalCloudOptions } from "../../scripts/local_cloud/start_local_cloud.ts";
import { buildsOf, type FlowPlan } from "../../scripts/soak/flow.ts";
import { type FlowWorld, withFlowWorld } from "./flow_world.ts";

/** A moment in the life of a flow. */
export interface Moment {
  readonly name: string;
  readonly options?: Omit<LocalCloudOptions, "releaseFolder">;
  readonly plan: FlowPlan;
  readonly prepare?: (cloud: LocalCloud) => void;
  readonly reached: (cloud: LocalCloud) => Promise<unknown>;
  /** Whether a step runs on the runner at this moment. */
  readonly busy?: boolean;
}

/** start-runner without Bitbucket credentials cannot clean up after the agent, which finds those of the project. */
export const AGENT_ALONE = { BITBUCKET_OAUTH_CLIENT_ID: "", BITBUCKET_OAUTH_CLIENT_SECRET: "" };

/** A step runs on the runner. */
export const BUSY: Moment = {
  name: "while a step runs",
  plan: { steps: ["echo at work; sleep 4"] },
  reached: ({ happenings }) => happenings.until("step output", { where: ({ line }) => line === "at work" }),
  busy: true,
};
/** The runner waits for a step, and start-runner has ended. */
export const IDLE: Moment = {
  name: "while no step runs",
  plan: { steps: ["true"], multiStep: true, closing: "sleep 3" },
  reached: ({ happenings }) => happenings.until("step started", { where: ({ step }) => step === "Closing" }),
};
/** The request to register the runner is lost. */
export const UNREGISTERED: Moment = {
  name: "before the runner is registered",
  plan: { steps: ["true"], variables: AGENT_ALONE },
  prepare: ({ faults }) => faults.inject({ call: "CreateRunner", kind: "hang" }),
  reached: ({ happenings }) => requested(happenings, "CreateRunner"),
};
/** The answer to it is lost. */
export const REGISTERING: Moment = {
  name: "while the runner is being registered",
  plan: { steps: ["true"], variables: AGENT_ALONE },
  prepare: ({ faults }) => faults.inject({ call: "CreateRunner", kind: "hang after" }),
  reached: ({ happenings }) => requested(happenings, "CreateRunner"),
};
/** The runner is registered and never comes online. */
export const NOT_ONLINE: Moment = {
  name: "before the runner is online",
  options: { bitbucket: { runnerFault: "never online" } },
  plan: { steps: ["true"] },
  reached: ({ happenings }) => happenings.until("runner registered"),
};

/** The same, where start-runner cannot clean up. */
export const NOT_ONLINE_ALONE: Moment = {
  ...NOT_ONLINE,
  plan: { ...NOT_ONLINE.plan, variables: AGENT_ALONE },
};

/** Plays a flow up to a moment, and hands over. */
export async function inMoment(
  moment: Moment,
  body: (world: FlowWorld, pipeline: Pipeline, build: Build) => Promise<void>,
): Promise<void> {
  await withFlowWorld(moment.options ?? {}, async (world) => {
    moment.prepare?.(world.cloud);
    const pipeline = world.start(moment.plan);
    await moment.reached(world.cloud);
    const [build] = buildsOf(world.cloud, pipeline);
    assert.ok(build);
    await body(world, pipeline, build);
  });
}

/** Resolves when a call has reached the cloud. */
export function requested(happenings: LocalCloud["happenings"], name: string): Promise<unknown> {
  return happenings.until("request", { where: ({ call }) => call === name });
}
