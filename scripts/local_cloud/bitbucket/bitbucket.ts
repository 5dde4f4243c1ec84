import { BitbucketCredentials } from "./bitbucket_credentials.ts";
import type { BitbucketSettings } from "../pipelines/bitbucket_settings.ts";
import { cloudStepsIn } from "../machine/cloud_step.ts";
import type { Happenings } from "../server/happenings.ts";
import type { OidcTokens } from "../pipelines/oidc_tokens.ts";
import { type Pipeline, type Step, stepsOf } from "../pipelines/pipeline.ts";
import { parsePipelineFile } from "../pipelines/pipeline_file.ts";
import { type PipelineRequest, PipelineScheduler } from "../pipelines/pipeline_scheduler.ts";
import { RateLimit } from "./rate_limit.ts";
import { RunnerIdentity } from "./runner_identity.ts";
import { RunnerProtocol } from "./runner_protocol.ts";
import { RunnerRegistry } from "../pipelines/runner_registry.ts";

/** The local Bitbucket: one workspace with its repositories, runners and pipelines. */
export class Bitbucket {
  readonly runners: RunnerRegistry;
  readonly scheduler: PipelineScheduler;
  readonly credentials: BitbucketCredentials;
  readonly identity: RunnerIdentity;
  readonly rateLimit: RateLimit;
  readonly protocol: RunnerProtocol;

  constructor(
    /** May be changed while the cloud runs, as in `bitbucket.settings.showsStep = false`. */
    readonly settings: { -readonly [K in keyof BitbucketSettings]: BitbucketSettings[K] },
    happenings: Happenings,
    oidcTokens: OidcTokens,
  ) {
    this.credentials = new BitbucketCredentials(settings);
    this.rateLimit = new RateLimit(settings.requestsPerHour, settings.rateLimitHourMs);
    this.runners = new RunnerRegistry(settings, happenings);
    this.identity = new RunnerIdentity(settings, this.runners);
    const runCloudStep = cloudStepsIn(settings.folder);
    this.scheduler = new PipelineScheduler({
      settings,
      runners: this.runners,
      oidcTokens,
      happenings,
      runCloudStep,
    });
    this.protocol = new RunnerProtocol(settings, this.runners, this.scheduler.dispatcher);
  }

  /** Starts a pipeline from the text of a bitbucket-pipelines.yml. */
  startPipeline(
    yaml: string,
    options: Omit<PipelineRequest, "items"> & { readonly custom?: string } = {},
  ): Pipeline {
    return this.scheduler.start({ ...options, items: parsePipelineFile(yaml, options.custom) });
  }

  /** The steps cut off because their runner vanished or was removed. */
  get cancelledSteps(): Step[] {
    return this.scheduler.dispatcher.cancelled;
  }

  /** Self-hosted steps that wait for a busy runner. */
  get queuedSteps(): Step[] {
    return this.scheduler.dispatcher.queued;
  }

  /** Each step of a pipeline with its result and the runner that served it. */
  results(
    pipeline: Pipeline,
  ): { name: string; result: string | undefined; runnerUuid: string | undefined }[] {
    return stepsOf(pipeline).map(({ definition, result, runnerUuid }) => ({
      name: definition.name,
      result,
      runnerUuid,
    }));
  }

  async close(): Promise<void> {
    await this.scheduler.close();
    this.runners.close();
  }
}
