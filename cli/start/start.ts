import type { Bitbucket } from "../../shared/bitbucket/bitbucket.ts";
import { AwsCallError } from "../../shared/aws/aws_errors.ts";
import { interruptionIn } from "../../shared/output/failure.ts";
import { AwsSession, type StartContext } from "../aws/aws_session.ts";
import { sessionDurationS } from "../aws/role_session.ts";
import { tellMode } from "../handover/handover.ts";
import { reachPlatforms } from "../handover/reach_platforms.ts";
import { derivedTypeNote, doubtfulImage, isFleetName } from "../options/build_image.ts";
import { handedOn, startHead } from "../progress/start_head.ts";
import { regionProblem } from "../facts/regions.ts";
import { uncheckedInstaller } from "../request/buildspec.ts";
import { beginBuild } from "./begin_build.ts";
import type { Beginning } from "./beginning.ts";
import type { OnlineRunner, Started } from "./started.ts";

/** What a start is given. */
export type StartOrder = Omit<StartContext, "session"> & Pick<Beginning, "known">;

/**
 * Starts a build, or as many as are asked for, and waits until its runner is online. When that fails, for whatever reason, no
 * build is left running and no runner left registered, as far as AWS and Bitbucket can be reached; except that a runner which is
 * online by then is left to its agent. Rejects with `ProgramError`.
 */
export async function start(given: StartOrder): Promise<OnlineRunner> {
  const begunMs = given.host.monotonicMs();
  // Loaded by nobody else: what one machine needs is on the way to StartBuild.
  const several = given.config.machines === 1 ? undefined : await import("./machine_group.ts");
  const durationS = sessionDurationS(given.config);
  const group = several && new several.MachineGroup(given, durationS);
  const context = { ...given, session: group?.session ?? new AwsSession(given, durationS) };
  const { log, config, signal } = context;
  try {
    for (const { message, fields } of startHead(config)) log.info(message, fields);
    const odd = regionProblem(config.region);
    if (odd !== undefined) log.warning(`Perhaps a slip in --region: ${odd}`);
    const unchecked = config.customBuildspec ? undefined : uncheckedInstaller(config);
    const derived = isFleetName(config.fleet) ? undefined : derivedTypeNote(config);
    for (const note of [unchecked, derived]) if (note !== undefined) log.info(note);
    const doubtful = doubtfulImage(config);
    if (doubtful !== undefined) log.warning(doubtful);
    if (config.role !== undefined && config.webIdentity === undefined) {
      log.info("There is no OIDC token, so the role is not assumed: using the default AWS credentials");
    }
    for (const line of handedOn(config)) log.info(line);
    const bitbucket = await reachPlatforms(context);
    tellMode(context);
    const settled = { ...context, config: await withFleet(context) };
    const { online, last, startBuildMs } = group === undefined
      ? await startOne(settled, bitbucket)
      : await group.start(bitbucket, settled.config);
    const { timeoutWarning, onlineSummary } = await import("../progress/online_summary.ts");
    const times = { startBuildMs, allMs: context.host.monotonicMs() - begunMs };
    for (const { message, fields } of onlineSummary(last, config, times)) log.info(message, fields);
    const tooLong = timeoutWarning(last, config);
    if (tooLong !== undefined) log.warning(tooLong);
    return online;
  } catch (error) {
    const interruption = interruptionIn(error, signal);
    if (interruption !== undefined) throw interruption;
    if (!(error instanceof AwsCallError)) throw error;
    const { startFailure } = await import("../aws/hints.ts");
    throw await startFailure(error, context);
  }
}

async function startOne(
  context: Omit<Beginning, "runners">,
  bitbucket: Bitbucket | undefined,
): Promise<Started> {
  const { beginning, build, startBuildMs } = await beginBuild(context, bitbucket);
  // Only now, as everything that comes after StartBuild: loading it would put the request off.
  const { bringOnline } = await import("./bring_online.ts");
  const { online, facts: { runner, runners, labels } } = await bringOnline(beginning, build);
  return { online: { runner, runners, build: build.id, labels }, last: online, startBuildMs };
}

/** Only a fleet that is given by its name takes a call to CodeBuild. */
async function withFleet(context: StartContext): Promise<StartContext["config"]> {
  if (context.config.fleet === undefined) return context.config;
  const { settleFleet } = await import("../aws/settle_fleet.ts");
  return await settleFleet(context);
}
