import type { Build, BuildPhase, KnownBuild } from "../../shared/aws/aws_codebuild.ts";
import { BuildEndedError, TimeoutError } from "../../shared/program/errors.ts";
import { hasEnded } from "../../shared/aws/has_ended.ts";
import { shortened } from "../../shared/output/plain_text.ts";
import { urlPart } from "../../shared/program/url_part.ts";
import { failedPhase, isQueued } from "./build_progress.ts";
import { FLEET_FULL, symptomHint } from "./symptoms.ts";

/** Where people look at the build in a browser, in the console of the partition its ARN names. */
export function consoleLink(build: KnownBuild, region: string): string {
  const [, partition = "aws", , , account = ""] = (build.arn ?? "").split(":");
  const project = urlPart(build.id.split(":")[0] ?? "");
  const place = account === "" ? "" : `${urlPart(account)}/`;
  return `https://${consoleHost(partition, region)}/codesuite/codebuild/${place}projects/${project}/build/` +
    `${urlPart(build.id)}/?region=${region}`;
}

/**
 * CodeBuild's explanations of what went wrong, as lines; without that of the phase `told`, which stands in the failure
 * itself.
 */
export function phaseExplanations(build: Build, told: string | undefined): string[] {
  return (build.phases ?? []).filter(({ phaseType }) => phaseType !== told).flatMap((phase) => {
    const said = explanation(phase);
    return said === undefined ? [] : [`Phase ${phase.phaseType}: ${said}`];
  });
}

/** The failure of a build that was over before its runner was online, or is held in place of that. */
export function buildEnded(build: KnownBuild, isHeld = false): BuildEndedError {
  const phase = failedPhase(build);
  const said = phase === undefined ? undefined : explanation(phase);
  const why = said === undefined ? "" : `: ${said}`;
  return new BuildEndedError(`${howItEnded(build, isHeld)}${why}`, { hint: symptomHint(build) });
}

/** A sentence on how and where a build has ended, or that it is held instead, without the reason. */
export function howItEnded(build: KnownBuild, isHeld = false): string {
  const phase = failedPhase(build);
  const where = phase === undefined ? "" : ` in phase ${phase.phaseType}`;
  if (isHeld && !hasEnded(build)) {
    return `Build ${build.id} is held in phase ${build.currentPhase}, since its runner did not come up`;
  }
  const status = hasEnded(build)
    ? build.buildStatus ?? "an unknown status"
    : "CodeBuild not knowing it any more";
  return `Build ${build.id} ended with ${status}${where} before its runner was online`;
}

/** What CodeBuild says about a phase: its first line, since it repeats all lines of a command; how that ended comes last. */
function explanation({ contexts = [] }: BuildPhase): string | undefined {
  const { statusCode, message } = contexts.find(({ message }) => message?.trim()) ?? {};
  if (message === undefined) return undefined;
  const [first = "", ...more] = message.trim().split("\n");
  const last = more.at(-1) ?? "";
  const reason = last.lastIndexOf("Reason: ");
  const outcome = more.length === 0 ? "" : `… ${reason === -1 ? "" : shortened(last.slice(reason))}`;
  return [statusCode, `${first}${outcome}`.trim()].filter(Boolean).join(": ");
}

/** What is said of a build that has to wait for a machine. */
export function queuedNote(queueMinutes: number, startupTimeoutS: number): string {
  return `The build waits for a machine in CodeBuild's queue, which lets it wait ${queueMinutes} minutes; ` +
    `the ${startupTimeoutS} s of --startup-timeout begin when it has one`;
}

/** The failure of a wait in the queue that CodeBuild itself should have ended. */
export function queueTimeout(queueMinutes: number, build: KnownBuild): TimeoutError {
  return new TimeoutError(`Build ${build.id} is still in CodeBuild's queue after ${queueMinutes} minutes`, {
    hint: build.environment?.fleet?.fleetArn === undefined
      ? "no machine was free in time: raise --queued-timeout, or the account's quota for concurrent builds"
      : FLEET_FULL,
  });
}

/** The failure of a wait that took too long; `build` is what was last seen of it. */
export function startupTimeout(seconds: number, build: KnownBuild): TimeoutError {
  const hint = isQueued(build)
    ? "CodeBuild did not say any more whether the build has left its queue: look at it in the console, and run the step again"
    : build.currentPhase === "PROVISIONING"
    ? "provisioning takes minutes where the image is large or not cached: raise --startup-timeout or choose another --image"
    : "look at the build's log for what holds the runner up, or raise --startup-timeout";
  const phase = build.currentPhase ?? "an unknown phase";
  return new TimeoutError(`The runner was not online within ${seconds} s: build ${build.id} is in ${phase}`, {
    hint,
  });
}

function consoleHost(partition: string, region: string): string {
  if (partition === "aws-cn") return `${region}.console.amazonaws.cn`;
  if (partition === "aws-us-gov") return `${region}.console.amazonaws-us-gov.com`;
  return `${region}.console.aws.amazon.com`;
}
