import { CredentialsError, EXIT_CODES, ProgramError } from "../../../shared/program/errors.ts";
import type { BitbucketCredentials } from "../../../shared/settings/bitbucket_settings.ts";
import { judgeCreation } from "../judge/creation_trials.ts";
import type { Findings } from "../judge/findings.ts";
import { bodyOf, detailForm, remark, type SeenRunner, succeeded } from "../judge/read_answer.ts";
import { readPage } from "./find_lists.ts";
import { type Probe, tryRunner } from "./probe.ts";
import type { OwnRunner } from "./probe_runners.ts";

/** Labels that a runner carries besides those that are tried. */
export const USUAL_LABELS = ["self.hosted", "linux.shell"];

/** How many runners there may be besides those of the probe. */
const MOST_OTHERS = 90;

/** Registers the runner that most is tried on; rejects with ProgramError where none can be had, and all is in vain. */
export async function createBase(probe: Probe): Promise<{ base: OwnRunner; found: Partial<Findings> }> {
  await refuseFull(probe);
  const runner = { name: `${probe.prefix}base`, labels: [...USUAL_LABELS, probe.label] };
  const answer = await probe.runners.create(runner, probe.signal);
  const { uuid, error } = bodyOf<SeenRunner>(answer);
  const { outcome, note } = judgeCreation(answer, runner);
  if (outcome !== "taken" || uuid === undefined) {
    throw noRunner(answer.status, note || remark(answer), probe.options.credentials.kind);
  }
  return {
    base: { ...runner, uuid },
    found: { createStatus: answer.status, createError: error?.key ?? null },
  };
}

/** At the limit every creation is refused with the status of a bad one, so that all would seem illegal. */
async function refuseFull(probe: Probe): Promise<void> {
  const { size = 0 } = bodyOf<{ size: number }>(await readPage(probe, 1));
  if (size <= MOST_OTHERS) return;
  throw new ProgramError(`Cannot probe: the repository has ${size} runners already`, EXIT_CODES.failed, {
    hint: `Remove some of them, or name a repository with at most ${MOST_OTHERS}: Bitbucket allows 100`,
  });
}

function noRunner(status: number, note: string, kind: BitbucketCredentials["kind"]): ProgramError {
  const message = `Cannot create runner: Bitbucket answered ${note}`;
  if (status === 401 || status === 403) {
    const needed = "The credentials need the scopes runner and runner:write";
    return new CredentialsError(message, {
      hint: kind === "oauth"
        ? needed
        : `${needed}; if they have them, an ${kind} may not manage runners: probe with an OAuth consumer`,
    });
  }
  return new ProgramError(message, EXIT_CODES.failed, {
    hint: "Check --workspace and --repository, and that Pipelines are enabled there",
  });
}

/** What a POST without `self.hosted`, one with a name in use and one with a bad body lead to. */
export async function findCreation(probe: Probe): Promise<Partial<Findings>> {
  const { prefix, label, runners, signal } = probe;
  const bare = { name: `${prefix}bare`, labels: ["linux.shell", label] };
  const answer = await runners.create(bare, signal);
  const { uuid, labels } = bodyOf<SeenRunner>(answer);
  if (uuid !== undefined) await runners.remove(uuid, signal);
  const duplicateName = await tryRunner(probe, { name: `${prefix}base`, labels: [...USUAL_LABELS, label] });
  const bad = await runners.create({ name: `${prefix}bad`, labels: 7 }, signal);
  return {
    ...(succeeded(answer) ? { addsSelfHosted: labels?.includes("self.hosted") ?? false } : {}),
    duplicateName,
    badBody: bad.status,
    ...(bad.status === 400 ? { errorDetail: detailForm(bad) } : {}),
  };
}
