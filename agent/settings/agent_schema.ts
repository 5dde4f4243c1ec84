import * as z from "zod";
import { RUNNER_TYPES } from "../../shared/settings/runner_type.ts";

/**
 * What the installer leaves beside the agent; `runnerVersion` is that of Atlassian's runner, as in 5.6.0, and missing
 * in bundles for the docker runner, whose image has its own.
 */
export const bundleSchema = z.object({ type: z.enum(RUNNER_TYPES), runnerVersion: z.string().default("") });
export type Bundle = z.infer<typeof bundleSchema>;

const launchedRunnerSchema = z.discriminatedUnion("type", [
  // The start time guards against a reused pid, see `ProcessId`.
  z.object({ type: z.literal("shell"), pid: z.number(), startTime: z.string() }),
  z.object({ type: z.literal("docker"), container: z.string(), runnerUuid: z.string(), logFile: z.string() }),
]);
/** What a later phase needs to know of a launched runner; free of secrets. */
export type LaunchedRunner = z.infer<typeof launchedRunnerSchema>;

const placeSchema = z.object({ inode: z.number(), bytes: z.number() });
const heardSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("online") }),
  z.object({ type: z.literal("offline") }),
  z.object({
    type: z.literal("step started"),
    step: z.object({ pipelineUuid: z.string(), stepUuid: z.string() }),
  }),
  z.object({ type: z.literal("step completed"), result: z.string() }),
]);

const stepTimesSchema = z.object({ firstMs: z.number(), lastMs: z.number(), busyMs: z.number() });
/** When the first step began and the last one ended, in milliseconds since 1970, and how long steps took together. */
export type StepTimes = z.infer<typeof stepTimesSchema>;

const buildTimesSchema = z.object({
  /** Moments in milliseconds since 1970, as far as they are known: accepted, install begun, agent begun, runner online. */
  startedMs: z.number().optional(),
  installMs: z.number().optional(),
  begunMs: z.number().optional(),
  onlineMs: z.number().optional(),
  steps: stepTimesSchema.optional(),
  /** Seconds by CodeBuild's own account, where it was asked. */
  queuedS: z.number().optional(),
  provisioningS: z.number().optional(),
  /** Whether all of it has been told. */
  told: z.boolean().optional(),
});
/** How a build's time went by. */
export type BuildTimes = z.infer<typeof buildTimesSchema>;

const stateSchema = z.object({
  type: z.enum(RUNNER_TYPES).default("shell"),
  name: z.string(),
  labels: z.array(z.string()),
  logFile: z.string(),
  /** Made for this runner alone; its own log is below it. */
  workingDirectory: z.string().optional(),
  /** Absent while the registration is under way: it may or may not exist then, under `name`. */
  runnerUuid: z.string().optional(),
  launched: launchedRunnerSchema.optional(),
  online: z.boolean().default(false),
  /** Whether runners of earlier builds were left of which only age tells: the next phase has the time to look twice. */
  leftoversDoubtful: z.boolean().default(false),
  /** Of Atlassian's runner, as far as it is known: a version, or an image. */
  version: z.string().optional(),
  /** What the runner has running that is part of itself, and of no step. */
  baseline: z.array(z.string()).default([]),
  /** How far the runner's output has been read, and what of it still matters. */
  reading: z.object({
    places: z.object({ stdout: placeSchema.optional(), own: placeSchema.optional() }),
    heard: z.array(heardSchema).readonly(),
  }).optional(),
  removed: z.boolean().default(false),
  /** Whether what was known of the runner cannot be read any more: it may run, and nothing tells as what. */
  lost: z.boolean().optional(),
  /** Bitbucket requests of the phases so far. */
  requests: z.number().default(0),
  times: buildTimesSchema.optional(),
});
/** What one phase leaves for the next; nothing of it is secret. */
export type AgentState = z.infer<typeof stateSchema>;

/** What one phase hands to the very next: it is out of the file as soon as that has begun. */
const stateSecretsSchema = z.object({
  /** The runner's own OAuth secret, to be kept out of the build's log. */
  runner: z.string().optional(),
  /** The OAuth token in use, so that the next phase need not ask for one. */
  token: z.object({ accessToken: z.string(), renewAtMs: z.number() }).optional(),
  /** What KMS has opened, so that it is asked once in a build. */
  opened: z.record(z.string(), z.string()).optional(),
});
export type StateSecrets = z.infer<typeof stateSecretsSchema>;

/** The state file's content. */
export const stateFileSchema = stateSchema.extend({ secrets: stateSecretsSchema.optional() });
