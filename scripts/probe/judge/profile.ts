import { STRICT_TRIALS } from "./creation_trials.ts";
import { rateLimitForm, workingForms } from "./fact_table.ts";
import type { Findings } from "./findings.ts";
import { NAME_LENGTHS } from "./limit_search.ts";

/** Settings of the local cloud's Bitbucket, as far as the platform told them; `--platform` reads them from a file. */
export type Profile = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

/** What the local cloud has to play to answer as the platform did; what was not told is left to its defaults. */
export function profileFrom(found: Partial<Findings>): Profile {
  const settings = {
    longestName: found.nameLength && longestName(found.nameLength),
    labelGrammar: labelGrammar(found.labels),
    addsSelfHosted: found.addsSelfHosted,
    closeForm: workingForms(found.closing),
    reopenForm: workingForms(found.reopening),
    closedShows: found.closedShows,
    reopenedShows: found.reopenedShows && (found.reopenedShows === "ENABLED" ? "ENABLED" : "connection"),
    errorDetail: found.errorDetail,
    rateLimitHeaders: found.headers && rateLimitForm(found.headers),
    longestPage: found.pageLength?.taken,
    scopeField: found.tokenScopeField,
    showsStep: found.stepShown,
    disabledHidesStep: found.stepShownClosed === undefined ? undefined : !found.stepShownClosed,
    offlineAfterMs: found.offlineAfterMs ?? undefined,
    runnerMay: found.runnerMay,
    deleteBusy: found.busyDelete && (found.busyDelete.outcome === "refused" ? "refuse" : "error"),
  };
  return Object.fromEntries(
    Object.entries(settings).flatMap(([key, value]) => value === undefined ? [] : [[key, value]]),
  );
}

/** JSON knows no infinity: null stands for a limit that was not met. */
function longestName({ taken }: Findings["nameLength"]): number | null {
  return taken === NAME_LENGTHS.most ? null : taken;
}

/** One label taken that the front-end's grammar forbids is enough to call it loose. */
function labelGrammar(labels: Findings["labels"] | undefined): "strict" | "loose" | undefined {
  const trials = STRICT_TRIALS.map((name) => labels?.[name]?.outcome);
  if (trials.some((outcome) => outcome === "taken" || outcome === "changed")) return "loose";
  return trials.includes(undefined) ? undefined : "strict";
}
