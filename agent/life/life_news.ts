import type { Lifecycle } from "./lifecycle_state.ts";

/** What changed between two states, in words for the build's log. */
export function lifeNews(before: Lifecycle, after: Lifecycle): string[] {
  return [...stepNews(before, after), ...doorNews(before, after), ...leaveNews(before, after)];
}

function stepNews(before: Lifecycle, after: Lifecycle): string[] {
  const news: string[] = [];
  const ended = after.served.slice(before.served.length);
  for (const step of ended) news.push(`Step ${step.stepUuid} ended: ${step.result}`);
  if (after.running !== undefined && after.running.stepUuid !== before.running?.stepUuid) {
    const own = after.running.pipelineUuid === after.settings.pipelineUuid;
    news.push(`Step ${after.running.stepUuid} of ${own ? "this" : "another"} pipeline began`);
  }
  return news;
}

function doorNews(before: Lifecycle, after: Lifecycle): string[] {
  if (after.door === before.door) return [];
  if (after.door === "closed") return ["The runner is closed to new steps"];
  if (after.door === "refused") {
    return ["Bitbucket does not close the runner to new steps; going on without"];
  }
  return ["The runner has been opened again, probably by its own heartbeat; closing it once more"];
}

function leaveNews(before: Lifecycle, after: Lifecycle): string[] {
  const news: string[] = [];
  if (after.over !== undefined && before.over === undefined) {
    news.push(after.over === "ended" ? "The pipeline has ended" : "The pipeline waits at a manual gate");
  }
  if ((after.debt ?? 0) > 0 && before.debt === undefined) {
    news.push("Another runner may have served a step of this pipeline; staying a while for a step in return");
  }
  if (after.reason !== undefined && before.reason === undefined) {
    news.push(`The runner leaves: ${after.reason}`);
  }
  if (after.fault !== undefined && before.fault === undefined) news.push(after.fault);
  if (after.stage === "unregistering" && before.stage === "stopping") news.push("The runner is stopped");
  if (after.stage === "done" && before.stage === "unregistering" && after.fault === before.fault) {
    news.push("The runner is unregistered");
  }
  return news;
}
