import type { KnownBuild } from "../../shared/aws/aws_codebuild.ts";
import { AwsCallError } from "../../shared/aws/aws_errors.ts";
import type { Bitbucket } from "../../shared/bitbucket/bitbucket.ts";
import { ApiError, BuildNotStartedError } from "../../shared/program/errors.ts";
import { prepareHandover } from "../handover/handover.ts";
import { launchBuild } from "../launch/launch_build.ts";
import { type BuildVariable, machineVariables } from "../options/build_variables.ts";
import { buildRequest } from "../request/build_request.ts";
import { type Beginning, removalMs } from "./beginning.ts";

/** A build that was accepted, with all that belongs to its start. */
export interface BegunBuild {
  readonly beginning: Beginning;
  readonly build: KnownBuild;
  /** How long StartBuild has taken, in milliseconds. */
  readonly startBuildMs: number;
}

/** Hands over what the build needs, and starts it. Rejects with `ProgramError`, and leaves nothing then. */
export async function beginBuild(
  context: Omit<Beginning, "runners">,
  bitbucket: Bitbucket | undefined,
): Promise<BegunBuild> {
  const { variables, runners } = await prepareHandover(context, bitbucket).catch(notPrepared);
  const beginning: Beginning = { ...context, runners };
  const launchMs = context.host.monotonicMs();
  const build = await launch(beginning, [...machineVariables(context.among?.number ?? 1), ...variables]);
  return { beginning, build, startBuildMs: context.host.monotonicMs() - launchMs };
}

/** What Bitbucket does not answer keeps the build from being started, as what AWS does not answer does. */
function notPrepared(error: unknown): never {
  const fromBitbucket = error instanceof ApiError && !(error instanceof AwsCallError);
  throw fromBitbucket ? new BuildNotStartedError(error.message, { hint: error.hint, cause: error }) : error;
}

/** Starts the build; runners that are registered already are of no use without one, unless one runs that nobody knows of. */
async function launch(beginning: Beginning, more: readonly BuildVariable[]): Promise<KnownBuild> {
  try {
    const request = buildRequest(beginning.config, more);
    return await launchBuild({ ...beginning, request, beside: beginning.among });
  } catch (error) {
    beginning.among?.failing(error);
    await beginning.runners?.remove("stopping", removalMs(beginning));
    throw error;
  }
}
