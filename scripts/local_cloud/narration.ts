import type { Happening } from "./server/happenings.ts";

/** What happened, in words; undefined for what is not worth a line. */
export function narration(happening: Happening): string | undefined {
  switch (happening.type) {
    case "pipeline started":
      return "Pipeline started";
    case "pipeline ended":
      return `Pipeline ended: ${happening.result}`;
    case "step queued":
      return `Step «${happening.step}» waits`;
    case "step started":
      return `Step «${happening.step}» began ${
        happening.runnerUuid === undefined ? "in Bitbucket's cloud" : "on the self-hosted runner"
      }`;
    case "step ended":
      return `Step «${happening.step}» ended: ${happening.result}`;
    case "build started":
      return `Build ${happening.buildId} started`;
    case "build phase":
      return `Build phase ${happening.phase}`;
    case "build ended":
      return `Build ended: ${happening.status}`;
    case "runner registered":
      return `Runner ${happening.name} registered`;
    case "runner online":
      return "Runner online";
    case "runner closed":
      return "Runner closed to new steps";
    case "runner offline":
      return "Runner offline";
    case "runner unregistered":
      return "Runner gone from Bitbucket";
    case "step output":
      return `        ${happening.beside ? `«${happening.step}»` : "step "} | ${happening.line}`;
    case "build output":
      // CodeBuild's own lines are left out: phases are told as they come.
      return happening.line.startsWith("[Container]") ? undefined : `        build | ${happening.line}`;
    case "request":
      return undefined;
  }
}

/** A line of the timeline; output of programs stands indented under what happened. */
export function timelineLine(happening: Happening, startedAt: number): string | undefined {
  const text = narration(happening);
  if (text === undefined || happening.type.endsWith("output")) return text;
  return `${((happening.at - startedAt) / 1000).toFixed(1).padStart(5)} s  ${text}`;
}
