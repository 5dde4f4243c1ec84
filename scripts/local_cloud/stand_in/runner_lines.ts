import type { StepForRunner } from "../pipelines/runner_registry.ts";
import type { PlatformAnswers } from "../pipelines/platform_answers.ts";

/** What a runner tells in its log. */
export type RunnerNews =
  | { readonly type: "version"; readonly version: string }
  | { readonly type: "runtime"; readonly runtime: string }
  | { readonly type: "crash" }
  | { readonly type: "going online" }
  | { readonly type: "online" }
  | { readonly type: "step"; readonly step: StepForRunner }
  | { readonly type: "completing"; readonly ending: StepEnding }
  | { readonly type: "offline" }
  | { readonly type: "shut down" };

export type StepEnding = "passed" | "failed" | "stopped";

/** How a runner words what it tells. */
export type RunnerVoice = Pick<PlatformAnswers, "runnerWords" | "runnerSpacing">;

/** The line for a piece of news, without the time; undefined where this runner says nothing of it. */
export function runnerLine(
  news: RunnerNews,
  { runnerWords, runnerSpacing }: RunnerVoice,
): string | undefined {
  if (runnerWords === "mute") return undefined;
  if (runnerWords === "other") return OTHER_WORDS[news.type];
  if (runnerSpacing === "usual") return usualLine(news, USUAL_RESULTS);
  // Some versions are only known to write the line before.
  return news.type === "online" ? undefined : ` ${usualLine(news, ODD_RESULTS).replaceAll(" ", "  ")} `;
}

/** Words that no version is known to use, so that nobody can have learnt to read them. */
const OTHER_WORDS: Readonly<Record<RunnerNews["type"], string>> = {
  "version": "Agent process begins",
  "runtime": "Host capabilities were detected",
  "crash": "Agent process cannot go on",
  "going online": "Contact with the service is being made",
  "online": "Contact with the service has been made",
  "step": "A unit of work was accepted",
  "completing": "A unit of work was handed back",
  "offline": "Contact with the service is being given up",
  "shut down": "Agent process ends",
};

const USUAL_RESULTS = { passed: "PASSED", failed: "FAILED", stopped: "FAILED" } as const;
const ODD_RESULTS = { passed: "SUCCESSFUL", failed: "ERROR", stopped: "STOPPED" } as const;

/** Source: the log of Atlassian's runner, 1.364, and the expectations of public tools that read it. */
function usualLine(news: RunnerNews, results: Readonly<Record<StepEnding, string>>): string {
  switch (news.type) {
    case "version":
      return `Runner version: ${news.version}`;
    case "runtime":
      return `Runner runtime: ${news.runtime}`;
    case "crash":
      return "An unexpected error occurred: the runner cannot go on";
    case "going online":
      return 'Updating runner status to "ONLINE" and checking for new steps assigned to the runner after 0 seconds and then every 30 seconds.';
    case "online":
      return 'Updating runner state to "ONLINE".';
    case "step": {
      const { workspaceUuid, repositoryUuid, pipelineUuid, stepUuid } = news.step;
      return `Getting step StepId{accountUuid=${workspaceUuid}, repositoryUuid=${repositoryUuid}, ` +
        `pipelineUuid=${pipelineUuid}, stepUuid=${stepUuid}}.`;
    }
    case "completing":
      return `Completing step with result Result{status=${results[news.ending]}, error=None}.`;
    case "offline":
      return 'Updating runner state to "OFFLINE".';
    case "shut down":
      return "Shutdown completed";
  }
}
