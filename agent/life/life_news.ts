import { isHere, type Lifecycle, type Pool } from "./lifecycle_state.ts";

/** What changed between two states of a runner with these labels, in words for the build's log. */
export function lifeNews(before: Lifecycle, after: Lifecycle, labels: readonly string[] = []): string[] {
  return [
    ...stepNews(before, after),
    ...doorNews(before, after),
    ...leaveNews(before, after),
    ...lingerNews(before, after, labels),
  ];
}

function stepNews(before: Lifecycle, after: Lifecycle): string[] {
  const news: string[] = [];
  const ended = after.served.slice(before.served.length);
  for (const step of ended) news.push(`Step ${step.stepUuid} ended: ${step.result}`);
  const step = stepOf(after);
  if (step !== undefined && step.stepUuid !== stepOf(before)?.stepUuid) {
    const own = step.pipelineUuid === after.settings.pipelineUuid;
    news.push(`Step ${step.stepUuid} of ${own ? "this" : "another"} pipeline began`);
  }
  return news;
}

function stepOf(life: Lifecycle) {
  return isHere(life) && life.work.kind === "step" ? life.work.step : undefined;
}

function doorNews(before: Lifecycle, after: Lifecycle): string[] {
  if (!isHere(before) || !isHere(after) || after.door.state === before.door.state) return [];
  if (after.door.state === "closed") return ["The runner is closed to new steps"];
  if (after.door.state === "refused") {
    return ["Bitbucket does not close the runner to new steps; going on without"];
  }
  return ["The runner has been opened again, probably by its own heartbeat; closing it once more"];
}

function lingerNews(before: Lifecycle, after: Lifecycle, labels: readonly string[]): string[] {
  if (!isHere(before) || !isHere(after)) return [];
  const { lingerUntil } = after.pool;
  if (lingerUntil === undefined || lingerUntil === before.pool.lingerUntil) return [];
  return [
    `Staying ${
      after.settings.lingerMs / 60_000
    } min for a rerun: «Rerun failed steps» in Bitbucket finds this runner, ` +
    `labels ${labels.join(", ")}`,
  ];
}

function leaveNews(before: Lifecycle, after: Lifecycle): string[] {
  const news: string[] = isHere(before) && isHere(after) ? poolNews(before.pool, after.pool) : [];
  if (after.reason !== undefined && before.reason === undefined) {
    news.push(`The runner leaves: ${after.reason}`);
  }
  if (after.fault !== undefined && before.fault === undefined) news.push(after.fault);
  if (before.stage === "stopping" && (after.stage === "unregistering" || after.stage === "clearing")) {
    news.push("The runner is stopped");
  }
  if (after.stage === "clearing" && before.stage === "unregistering" && after.unregistered) {
    news.push("The runner is unregistered");
  }
  if (after.stage === "done" && before.stage !== "done") {
    if (!after.gone) {
      news.push("The runner stays as it is; the next phase, or the next build of this project, sees to it");
    } else if (after.settings.bitbucket === "never") {
      news.push("Its registration stays, since nothing here may remove it: the next start of a runner does");
    }
  }
  return news;
}

function poolNews(before: Pool, after: Pool): string[] {
  const news: string[] = [];
  if (after.over !== undefined && before.over === undefined) {
    news.push(after.over === "ended" ? "The pipeline has ended" : "The pipeline waits at a manual gate");
  }
  if ((after.debt ?? 0) > 0 && before.debt === undefined) {
    news.push("Another runner may have served a step of this pipeline; staying a while for a step in return");
  }
  return news;
}
