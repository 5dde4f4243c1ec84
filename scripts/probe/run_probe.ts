import { InterruptedError, ProgramError } from "../../shared/program/errors.ts";
import type { Findings } from "./judge/findings.ts";
import { createBase, findCreation } from "./live/find_creation.ts";
import { findCredentials } from "./live/find_credentials.ts";
import { findCordoned, findDoors } from "./live/find_doors.ts";
import { findIdentity } from "./live/find_identity.ts";
import { findLists } from "./live/find_lists.ts";
import { findLabels, findNameLength, findNames } from "./live/find_rules.ts";
import type { Probe } from "./live/probe.ts";
import type { OwnRunner } from "./live/probe_runners.ts";
import { findOffline, findStep } from "./step/find_step.ts";
import { STEP_PACE, type StepPace } from "./step/step_pace.ts";

/**
 * Finds out what it can, and removes every runner it has registered, whatever happens. A part that gets no answer is
 * left out; rejects with ProgramError where nothing can be found at all, or a runner may be left.
 */
export async function runProbe(probe: Probe, pace = STEP_PACE): Promise<Partial<Findings>> {
  try {
    return await findAll(probe, pace);
  } finally {
    await removeRunners(probe);
  }
}

async function removeRunners({ log, runners, prefix }: Probe): Promise<void> {
  log.info("Removing the probe's runners");
  try {
    await runners.removeAll();
  } catch (cause) {
    if (!(cause instanceof ProgramError)) throw cause;
    throw new ProgramError(cause.message, cause.exitCode, { hint: leftHint(runners.known, prefix), cause });
  }
}

/** What to do about runners that are left. */
export function leftHint(left: readonly OwnRunner[], prefix: string): string {
  const names = left.map(({ name, uuid }) => `, «${name}» ${uuid}`).join("");
  return `Remove every runner whose name begins with ${prefix} in the repository's settings, Runners${names}`;
}

async function findAll(probe: Probe, pace: StepPace): Promise<Partial<Findings>> {
  const { base, found } = await createBase(probe);
  const parts: readonly (readonly [what: string, find: () => Promise<Partial<Findings>>])[] = [
    ["creating runners", () => findCreation(probe)],
    ["the length of names", () => findNameLength(probe)],
    ["names", () => findNames(probe)],
    ["labels", () => findLabels(probe)],
    ["cordoned", () => findCordoned(probe)],
    ["closing and opening", () => findDoors(probe, base)],
    ["lists", () => findLists(probe)],
    ["credentials", () => findCredentials(probe)],
    ["what a runner's own identity may do", () => findIdentity(probe)],
  ];
  let all = found;
  for (const [what, find] of parts) all = { ...all, ...await findPart(probe, what, find) };
  const { step } = probe.options;
  if (step === undefined) return all;
  const offline = await findPart(probe, "a runner that is killed", () => findOffline(probe, step, pace));
  const running = await findPart(probe, "a running step", () => findStep(probe, step, pace, all));
  return { ...all, ...offline, ...running };
}

async function findPart(
  { log }: Probe,
  what: string,
  find: () => Promise<Partial<Findings>>,
): Promise<Partial<Findings>> {
  log.info(`Trying ${what}`);
  try {
    return await find();
  } catch (error) {
    if (!(error instanceof ProgramError) || error instanceof InterruptedError) throw error;
    log.warning(`${error.message}: the rest of it is not told`);
    return {};
  }
}
