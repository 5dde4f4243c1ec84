import * as z from "zod";

/**
 * What the programs read of Bitbucket's answers. Unknown fields are let through unread, and what only some
 * answers carry may be absent or null, so that a new field or status never breaks a build.
 * Source: Bitbucket's API description (pipeline_runner, pipeline, pipeline_step) and answers seen in the wild.
 */
const runnerState = z.object({
  // UNREGISTERED, ONLINE, OFFLINE, DISABLED, ENABLED, UNHEALTHY; open, since the list has grown before.
  status: z.string(),
  updated_on: z.string().nullish(),
  cordoned: z.boolean().nullish(),
  // Present only while a step runs on the runner; not in the published description.
  step: z.looseObject({ uuid: z.string().nullish() }).nullish(),
});

export const runnerSchema = z.object({
  uuid: z.string(),
  name: z.string(),
  labels: z.array(z.string()).default([]),
  state: runnerState,
  created_on: z.string().nullish(),
  updated_on: z.string().nullish(),
});
export type Runner = z.infer<typeof runnerSchema>;

export const createdRunnerSchema = runnerSchema.extend({
  oauth_client: z.object({ id: z.string(), secret: z.string() }),
});
export type CreatedRunner = z.infer<typeof createdRunnerSchema>;

const said = z.object({
  message: z.string().nullish(),
  key: z.string().nullish(),
  arguments: z.unknown().optional(),
});

/** What Bitbucket's own pages read as a failure although the status is that of success; with a runner or without. */
export const failedRunnerSchema = z.object({
  uuid: z.string().nullish(),
  error: said.refine(({ message, key }) => Boolean(message || key)),
});
export type FailedRunner = z.infer<typeof failedRunnerSchema>;

const named = z.object({ name: z.string() });

export const pipelineSchema = z.object({
  uuid: z.string(),
  build_number: z.number().nullish(),
  run_number: z.number().nullish(),
  state: named.extend({ stage: named.nullish(), result: named.nullish() }),
});
export type Pipeline = z.infer<typeof pipelineSchema>;

export const pipelineStepSchema = z.object({
  uuid: z.string(),
  name: z.string().nullish(),
  // Raised when failed steps are run again.
  run_number: z.number().nullish(),
  started_on: z.string().nullish(),
  completed_on: z.string().nullish(),
  state: named.extend({ stage: named.nullish(), result: named.nullish() }),
  trigger: z.object({ type: z.string() }).nullish(),
  // Seen in one fixture only; where it is there it says which runner served the step.
  runner: z.object({ uuid: z.string() }).nullish(),
});
export type PipelineStep = z.infer<typeof pipelineStepSchema>;

/** One page of a list; `next` is the address of the following page. */
export function pageSchema<T extends z.ZodType>(value: T) {
  return z.object({ values: z.array(value), next: z.string().nullish() });
}

/** RFC 6749 with Bitbucket's older field name for the scopes beside the newer one. */
export const tokenSchema = z.object({
  access_token: z.string(),
  expires_in: z.number().default(7200),
  scope: z.string().nullish(),
  scopes: z.string().nullish(),
});
export type TokenAnswer = z.infer<typeof tokenSchema>;

/** Whether Bitbucket gives the runner no new steps. */
export function isClosed(runner: Runner): boolean {
  return runner.state.status === "DISABLED" || runner.state.cordoned === true;
}
