import type { KnownBuild } from "../../shared/aws/aws_codebuild.ts";
import { minutePrice } from "../../shared/aws/prices.ts";
import { type HeldBuild, sessionCommand, waysOn } from "../../shared/output/held_build.ts";
import { withoutSession } from "../wait/hold_watch.ts";
import { type Beginning, removalMs } from "./beginning.ts";

/**
 * Leaves a build to whoever wants to look into it, and says how; false where nobody can, so that it is to be stopped. Its
 * runner is gone: the agent has seen to that, except for one that only start-runner can unregister.
 */
export async function leaveHeld(beginning: Beginning, build: KnownBuild, held: HeldBuild): Promise<boolean> {
  const { config, log, runners } = beginning;
  const target = build.debugSession?.sessionTarget;
  if (target === undefined) {
    log.warning(withoutSession(build, config) ?? "");
    return false;
  }
  await runners?.remove("stopping", removalMs(beginning));
  const price = minutePrice(build)?.words;
  const hold = held.sure ? "is held" : "may be held";
  log.warning(`Build ${build.id} ${hold} for up to ${held.minutes} min, until ${held.until}`, {
    build: build.id,
    until: held.until,
  });
  const command = sessionCommand(target, config.region);
  log.info(`Look into it by: ${command}`, { target });
  log.info(price === undefined ? "Holding it is paid for by the minute" : `Holding it costs ${price}`);
  log.info(waysOn(build.id));
  return true;
}
