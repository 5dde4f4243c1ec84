import {
  type HeldBuild,
  heldLine,
  SESSION_REMEDY,
  sessionCommand,
  targetCommand,
  waysOn,
} from "../../shared/output/held_build.ts";
import type { Logger } from "../../shared/output/log.ts";
import { messageOf } from "../../shared/program/errors.ts";
import type { Host } from "../../shared/program/host.ts";
import { Breakpoint } from "./breakpoint.ts";
import { type SessionTarget, sessionTarget } from "./session_target.ts";

/** A phase that has failed, in a build that is to be held then. */
export interface HoldOrder extends Pick<HeldBuild, "phase" | "exitCode" | "minutes"> {
  readonly host: Host;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Removes what is left of the runner: a held build has none. Rejects where it cannot. */
  readonly removeRunner: () => Promise<void>;
}

const MINUTE_MS = 60_000;

/**
 * Keeps a build whose phase has failed from ending, so that somebody can look into it: until they say that it may go on, for
 * `minutes` at most, and not at all where nobody could get in. Never rejects.
 */
export async function holdBuild(order: HoldOrder): Promise<void> {
  const { host, log, signal, minutes, removeRunner } = order;
  try {
    const breakpoint = await Breakpoint.find(host);
    if (breakpoint === undefined) {
      return notHeld(log, "there are no codebuild-breakpoint and codebuild-resume on its PATH");
    }
    await removeRunner();
    const until = new Date(host.now() + minutes * MINUTE_MS).toISOString();
    const end = await breakpoint.pause(
      minutes * MINUTE_MS,
      signal,
      (waits) => tellHold(order, { sure: waits, until }),
    );
    if (end === "resumed") log.info("The build goes on, as codebuild-resume has told it to");
    if (end === "time is up") log.info("The build goes on");
  } catch (error) {
    if (signal.aborted) log.info("The build goes on, since the agent is told to end");
    else notHeld(log, messageOf(error));
  }
}

/** Says how to get in, until when, and what it costs; false where nobody can get in. */
async function tellHold(
  { host, log, signal, ...failed }: HoldOrder,
  { sure, until }: Pick<HeldBuild, "sure" | "until">,
): Promise<boolean> {
  const buildId = host.env["CODEBUILD_BUILD_ID"] ?? "";
  const region = host.env["AWS_REGION"] ?? host.env["AWS_DEFAULT_REGION"] ?? "";
  const found = await sessionTarget(host, buildId, region, signal);
  if (found.kind === "none") {
    notHeld(
      log,
      found.enabled
        ? `CodeBuild names no session for it: ${SESSION_REMEDY}`
        : "it was started without session support: start it by start-runner --debug-on-failure",
    );
    return false;
  }
  log.warning(heldLine({ ...failed, until, sure }), { build: buildId, until });
  log.info(`Look into it by: ${sessionCommand(found.target, region)}`, { target: found.target });
  for (
    const line of [...doubts(found, sure, { buildId, region }), cost(found, failed.minutes), waysOn(buildId)]
  ) {
    log.info(line);
  }
  return true;
}

function doubts(
  found: SessionTarget,
  sure: boolean,
  { buildId, region }: { readonly buildId: string; readonly region: string },
): string[] {
  return [
    ...(found.kind === "unasked"
      ? [
        `The build may not ask for its session's target: that is its usual form, and CodeBuild tells it by: ${
          targetCommand(buildId, region)
        }`,
        `If there is none: ${SESSION_REMEDY}`,
      ]
      : []),
    ...(sure ? [] : [
      "codebuild-breakpoint has come back at once: either CodeBuild holds the build when this command has ended, or it " +
      "ignores that, and the build ends",
    ]),
  ];
}

function cost(found: SessionTarget, minutes: number): string {
  const price = found.kind === "named" ? found.price : undefined;
  return price === undefined
    ? `Each of the ${minutes} min is paid for like the build's others; start-runner's log names the price`
    : `Holding it costs ${price}`;
}

function notHeld(log: Logger, why: string): void {
  log.warning(`This build is not held, as RUNNER_DEBUG asks: ${why}`);
}
