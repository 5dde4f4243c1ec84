import type { Event, Happening, HappeningOf } from "../local_cloud/server/happenings.ts";
import type { LocalCloud } from "../local_cloud/start_local_cloud.ts";
import { stepsOf } from "../local_cloud/pipelines/pipeline.ts";
import type { Ending } from "./play.ts";
import type { Scenario } from "./scenario.ts";

/** The demo's closing words. */
export function summaryLines(cloud: LocalCloud, ending: Ending, unexpected: readonly string[]): string[] {
  const { pipeline, build, leftovers } = ending;
  return [
    `Pipeline: ${pipeline.result}`,
    ...stepsOf(pipeline).map((step) =>
      `  ${step.definition.name.padEnd(16)} ${(step.result ?? "").padEnd(12)} ${
        step.runnerUuid === undefined ? "" : "on the self-hosted runner"
      }`.trimEnd()
    ),
    `Build: ${build === undefined ? "none was started" : build.status}`,
    `Milestones: ${milestones(cloud.happenings.all, pipeline.createdAt)}`,
    `AWS requests: ${counts(cloud.requests.byCall("AWS"))}`,
    `Bitbucket requests: ${counts(cloud.requests.byCall("Bitbucket"))}`,
    `Left over: ${leftovers.length === 0 ? "no runner, no build, no process" : leftovers.join(", ")}`,
    ...(unexpected.length === 0
      ? ["All as expected"]
      : unexpected.map((problem) => `Not as expected: ${problem}`)),
  ];
}

/** In what an ending differs from the scenario's; empty when all is as expected. */
export function unexpectedIn(scenario: Scenario, { pipeline, build, leftovers }: Ending): string[] {
  const problems: string[] = [];
  if (pipeline.result !== scenario.pipelineResult) {
    problems.push(`the pipeline ended ${pipeline.result}, not ${scenario.pipelineResult}`);
  }
  if (build?.status !== scenario.buildStatus) {
    problems.push(`the build ended ${build?.status ?? "before it began"}, not ${scenario.buildStatus}`);
  }
  return [...problems, ...leftovers.map((leftover) => `left over: ${leftover}`)];
}

const MILESTONES: readonly (readonly [type: Event["type"], words: string, whose?: "self-hosted"])[] = [
  ["build started", "build started"],
  ["runner online", "runner online"],
  ["step started", "its step began", "self-hosted"],
  ["step ended", "its step ended", "self-hosted"],
  ["runner unregistered", "runner gone"],
  ["build ended", "build ended"],
];

function milestones(happenings: readonly Happening[], startedAt: number): string {
  const onRunner = new Set(
    happenings.filter((happening): happening is HappeningOf<"step started"> =>
      happening.type === "step started" && happening.runnerUuid !== undefined
    ).map((happening) => happening.stepUuid),
  );
  return MILESTONES.flatMap(([type, words, whose]) => {
    const last = happenings.findLast((happening) =>
      happening.type === type &&
      (whose === undefined || ("stepUuid" in happening && onRunner.has(happening.stepUuid)))
    );
    return last === undefined ? [] : [`${words} ${((last.at - startedAt) / 1000).toFixed(1)} s`];
  }).join(", ");
}

function counts(byCall: Readonly<Record<string, number>>): string {
  const calls = Object.entries(byCall);
  const total = calls.reduce((sum, [, count]) => sum + count, 0);
  return `${total} (${calls.map(([call, count]) => `${call} ${count}`).join(", ")})`;
}
