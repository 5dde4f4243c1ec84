import type { Runner } from "../../../shared/calls/bitbucket_schema.ts";
import { isCandidate, judgeLeftover, otherBuildOf } from "../../../shared/leftovers/leftover_verdict.ts";
import { MOST_REGISTERED } from "../../facts/runner_limits.ts";
import type { BitbucketLook } from "../bitbucket_look.ts";
import type { DoctorConfig } from "../doctor_config.ts";
import { fail, type Finding, ok, unknown } from "../finding.ts";

/** How many runners there are, and how many of them nobody needs; `ended` says of builds whether they have. */
export function runnerFindings(
  { runners }: BitbucketLook,
  { project, runners: wanted = 1 }: Pick<DoctorConfig, "project" | "runners">,
  ended: ReadonlyMap<string, boolean> | undefined,
  now: number,
): Finding[] {
  if ("error" in runners) return [unknown("runners", "they cannot be listed")];
  const list = runners.value;
  const full = list.length + wanted > MOST_REGISTERED;
  const more = wanted === 1 ? "" : `, and a start brings ${wanted}`;
  const detail = `the repository has ${list.length} of at most ${MOST_REGISTERED} runners${more}`;
  const left = project === undefined ? [] : list.filter((runner) => isLeft(runner, project, ended, now));
  return [
    full
      ? fail("runners", detail, "remove some: start-runner cleanup, or repository settings, Runners")
      : ok("runners", detail),
    left.length === 0 ? ok("leftovers", "no runner of a dead build is registered") : ok(
      "leftovers",
      `${left.length} of a dead build: ${left.slice(0, 3).map(({ name }) => name).join(", ")}`,
      "the next build removes them, or start-runner cleanup does",
    ),
  ];
}

/** Builds that runners of the project name: whether they have ended says which runners are left over. */
export function buildsBehind({ runners }: BitbucketLook, project: string): string[] {
  const list = "error" in runners ? [] : runners.value;
  return [...new Set(list.flatMap((runner) => otherBuildOf(runner, { project }) ?? []))].slice(0, 100);
}

function isLeft(
  runner: Runner,
  project: string,
  ended: ReadonlyMap<string, boolean> | undefined,
  now: number,
): boolean {
  if (!isCandidate(runner, { project })) return false;
  const over = ended?.get(otherBuildOf(runner, { project }) ?? "");
  const build = ended === undefined
    ? undefined
    : over === undefined
    ? "not known"
    : over
    ? "ended"
    : "running";
  return judgeLeftover(runner, { project, now, build }).runner.startsWith("dead");
}
