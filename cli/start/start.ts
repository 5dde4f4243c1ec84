import type { KnownBuild } from "../../shared/aws/aws_codebuild.ts";
import { AwsCallError } from "../../shared/aws/aws_errors.ts";
import { ApiError, BuildNotStartedError } from "../../shared/program/errors.ts";
import { interruptionIn } from "../../shared/output/failure.ts";
import { runnerName } from "../../shared/leftovers/runner_name.ts";
import { AwsSession, type StartContext } from "../aws/aws_session.ts";
import { sessionDurationS } from "../aws/role_session.ts";
import { launchBuild } from "../launch/launch_build.ts";
import { prepareHandover } from "../handover/handover.ts";
import { reachPlatforms } from "../handover/reach_platforms.ts";
import type { BuildVariable } from "../options/build_variables.ts";
import { derivedTypeNote } from "../options/build_image.ts";
import { handedOn, startHead } from "../progress/start_head.ts";
import { regionProblem } from "../facts/regions.ts";
import { buildRequest } from "../request/build_request.ts";
import { uncheckedInstaller } from "../request/buildspec.ts";
import { type Beginning, removalMs } from "./beginning.ts";

export interface OnlineRunner {
  readonly runner: string;
  readonly build: string;
  /** Undefined where nothing tells them beforehand. */
  readonly labels: readonly string[] | undefined;
}

/** What a start is given. */
export type StartOrder = Omit<StartContext, "session"> & Pick<Beginning, "known">;

/**
 * Starts a build and waits until its runner is online. When that fails, for whatever reason, no build is left running
 * and no runner left registered, as far as AWS and Bitbucket can be reached; except that a runner which is online by
 * then is left to its agent. Rejects with `ProgramError`.
 */
export async function start(given: StartOrder): Promise<OnlineRunner> {
  const begunMs = given.host.monotonicMs();
  const context = { ...given, session: new AwsSession(given, sessionDurationS(given.config)) };
  const { log, config, signal } = context;
  try {
    for (const { message, fields } of startHead(config)) log.info(message, fields);
    const odd = regionProblem(config.region);
    if (odd !== undefined) log.warning(`Perhaps a slip in --region: ${odd}`);
    const unchecked = config.customBuildspec ? undefined : uncheckedInstaller(config);
    for (const note of [unchecked, derivedTypeNote(config)]) if (note !== undefined) log.info(note);
    if (config.role !== undefined && config.webIdentity === undefined) {
      log.info("There is no OIDC token, so the role is not assumed: using the default AWS credentials");
    }
    for (const line of handedOn(config)) log.info(line);
    const bitbucket = await reachPlatforms(context);
    const { variables, runner } = await prepareHandover(context, bitbucket).catch(notPrepared);
    const beginning: Beginning = { ...context, runner, known: given.known };
    const launchMs = context.host.monotonicMs();
    const build = await launch(beginning, variables);
    const startBuildMs = context.host.monotonicMs() - launchMs;
    // Only now, as everything that comes after StartBuild: loading it would put the request off.
    const { bringOnline } = await import("./bring_online.ts");
    const { online, labels } = await bringOnline(beginning, build);
    const { lingerWarning, onlineSummary } = await import("../progress/online_summary.ts");
    const times = { startBuildMs, allMs: context.host.monotonicMs() - begunMs };
    for (const { message, fields } of onlineSummary(online, config, times)) log.info(message, fields);
    const tooLong = lingerWarning(online, config);
    if (tooLong !== undefined) log.warning(tooLong);
    return { runner: runnerName(build.id), build: build.id, labels };
  } catch (error) {
    const interruption = interruptionIn(error, signal);
    if (interruption !== undefined) throw interruption;
    if (!(error instanceof AwsCallError)) throw error;
    const { awsFailure } = await import("../aws/hints.ts");
    throw awsFailure(error, config);
  }
}

/** What Bitbucket does not answer keeps the build from being started, as what AWS does not answer does. */
function notPrepared(error: unknown): never {
  const fromBitbucket = error instanceof ApiError && !(error instanceof AwsCallError);
  throw fromBitbucket ? new BuildNotStartedError(error.message, { hint: error.hint, cause: error }) : error;
}

/** Starts the build; a runner that is registered already is of no use without one, unless one runs that nobody knows of. */
async function launch(beginning: Beginning, secrets: readonly BuildVariable[]): Promise<KnownBuild> {
  try {
    return await launchBuild({ ...beginning, request: buildRequest(beginning.config, secrets) });
  } catch (error) {
    await beginning.runner?.remove("stopping", removalMs(beginning));
    throw error;
  }
}
