import type { Bitbucket } from "../../shared/bitbucket/bitbucket.ts";
import { hasEnded } from "../../shared/aws/has_ended.ts";
import {
  type JudgedRunner,
  judgeLeftovers,
  type LeftoverLook,
  removeLeftovers,
} from "../../shared/leftovers/leftovers.ts";
import type { LeftoverVerdict } from "../../shared/leftovers/leftover_verdict.ts";
import type { Project } from "./project.ts";
import { textTable } from "./text_table.ts";

/** What the project's runners in one repository are taken for, by the same verdict as the agent's; removes nothing. */
export function judgeRunners(project: Project, bitbucket: Bitbucket): Promise<JudgedRunner[]> {
  return judgeLeftovers(look(project, bitbucket));
}

/**
 * Removes what dead builds have left, after two looks that agree, and logs each; gives the names. What of the `doomed` ones stays is
 * said with its reason.
 */
export async function removeDeadRunners(
  project: Project,
  bitbucket: Bitbucket,
  doomed: readonly JudgedRunner[],
): Promise<string[]> {
  const removed: string[] = [];
  for (;;) {
    const summary = await removeLeftovers({
      ...look(project, bitbucket),
      bitbucket,
      uncertain: "look twice",
      host: project.host,
    });
    removed.push(...summary.removed);
    // So many go at once; what is left for later goes now, as long as it helps.
    const later = summary.kept.some(({ reason }) => reason.endsWith("left for later"));
    if (later && summary.removed.length > 0) continue;
    const still = summary.kept.filter(({ name }) => doomed.some(({ runner }) => runner.name === name));
    for (const { name, reason } of still) project.log.warning(`Runner ${name} stays: ${reason}`);
    return removed;
  }
}

/** What becomes of each kind of runner. */
const FATE: Readonly<Record<LeftoverVerdict["runner"], string>> = {
  "in use": "stays",
  doubtful: "stays",
  dead: "goes",
  "dead by age": "goes",
};

/** Whether a runner is one that is removed. */
export function goes({ verdict }: JudgedRunner): boolean {
  return FATE[verdict.runner] === "goes";
}

/** The runners with what becomes of each, and why. */
export function leftoverTable(judged: readonly JudgedRunner[]): string[] {
  const rows = judged.map(({ runner, verdict }) => [
    FATE[verdict.runner],
    runner.name,
    runner.state.status,
    verdict.reason,
  ]);
  return textTable(["", "RUNNER", "STATE", "BECAUSE"], rows);
}

function look({ session, config, log, signal }: Project, bitbucket: Bitbucket): LeftoverLook {
  return {
    bitbucket,
    project: config.project,
    buildsEnded: async (ids, signal) => {
      const builds = await session.call((codebuild) => codebuild.getBuilds(ids, signal), signal);
      return new Map(builds.map((build) => [build.id, hasEnded(build)]));
    },
    log,
    signal,
  };
}
