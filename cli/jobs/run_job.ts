import type { KnownBuild } from "../../shared/aws/aws_codebuild.ts";
import { AwsCallError } from "../../shared/aws/aws_errors.ts";
import { interruptionIn } from "../../shared/output/failure.ts";
import type { LogFormat, Logger } from "../../shared/output/log.ts";
import type { Host } from "../../shared/program/host.ts";
import { AwsSession } from "../aws/aws_session.ts";
import { startFailure } from "../aws/hints.ts";
import { sessionDurationS } from "../aws/role_session.ts";
import { settleFleet } from "../aws/settle_fleet.ts";
import { followLog } from "../builds/follow_log.ts";
import { LogOutput } from "../builds/log_output.ts";
import type { Project } from "../builds/project.ts";
import { launchBuild } from "../launch/launch_build.ts";
import type { JobConfig } from "./job_config.ts";
import { jobRequest } from "../request/build_request.ts";
import { stopBuild } from "../stop/stop_build.ts";
import { consoleLink } from "../wait/report.ts";
import { jobFailure } from "./job_outcome.ts";

export interface Job extends Omit<Project<JobConfig>, "session"> {
  readonly format: LogFormat;
  /** The text of the buildspec; the project's own where there is none. */
  readonly buildspec: string | undefined;
}

/**
 * Runs a build of the project that is no runner, shows its log on stdout, and resolves when it has succeeded. Rejects with the
 * failed command's exit code. A build that nobody waits for any more is stopped.
 */
export async function runJob(given: Job): Promise<void> {
  const { config, log, signal, buildspec } = given;
  const job = { ...given, session: new AwsSession(given, sessionS(config)) };
  try {
    const request = jobRequest(await settleFleet(job), buildspec);
    // Two of one step may be the same in everything and still be two.
    const build = await launchBuild({ ...job, config: { ...config, stepUuid: undefined }, request });
    log.info(`Build ${build.id} accepted: ${consoleLink(build, config.region)}`, { build: build.id });
    const ended = await untilEnded(job, build);
    const failure = jobFailure(ended);
    if (failure !== undefined) throw failure;
    log.info(`Build ${ended.id} has ended: SUCCEEDED`, { build: ended.id });
  } catch (error) {
    const interruption = interruptionIn(error, signal);
    if (interruption !== undefined) throw interruption;
    throw error instanceof AwsCallError ? await startFailure(error, job) : error;
  }
}

/** As long as a build may take that says so; any role allows the rest. */
function sessionS(config: JobConfig): number | undefined {
  if (config.timeoutMinutes === undefined) return undefined;
  return sessionDurationS({ ...config, startupTimeoutS: config.timeoutMinutes * 60 });
}

type RunningJob = Job & Pick<Project, "session">;

async function untilEnded(job: RunningJob, build: KnownBuild): Promise<KnownBuild> {
  try {
    job.signal.throwIfAborted();
    return await followToEnd(job, build);
  } catch (error) {
    await stopBuild(job, build.id, { expected: true });
    throw error;
  }
}

/** A log that may not be read is no reason to lose the build's result. */
async function followToEnd(job: RunningJob, build: KnownBuild): Promise<KnownBuild> {
  const output = new LogOutput({ ...outputOf(job), errors: false });
  const following = { ...job, follow: true };
  try {
    return (await followLog({ ...following, show: (event) => output.show(event) }, build)).build;
  } catch (error) {
    if (!(error instanceof AwsCallError) || error.call !== "GetLogEvents") throw error;
    job.log.warning(`${error.message}; waiting for the build's end without its log`);
    return (await followLog({ ...following, show: undefined }, build)).build;
  }
}

function outputOf({ host, format, log }: { host: Host; format: LogFormat; log: Logger }) {
  return { host, format, redactor: log.redactor };
}
