import type { StartContext } from "../aws/aws_session.ts";
import { seenFleet } from "../aws/fleet_hint.ts";
import { queuedOnFleet } from "../aws/fleet_words.ts";

/**
 * Says what the fleet has to do with it that a build stays in the queue. Silent where nobody may ask or no answer comes; never
 * rejects.
 */
export async function fleetNote(
  { session, log, signal }: Pick<StartContext, "session" | "log" | "signal">,
  fleetArn: string,
): Promise<void> {
  // Whoever ends the wait wants no note any more.
  const fleet = await seenFleet(session, fleetArn, signal).catch(() => undefined);
  if (fleet !== undefined && fleet !== "unseen") log.info(queuedOnFleet(fleet), { fleet: fleetArn });
}
