import { matchesGlob } from "./glob.ts";
import type { NamedPipeline, Selector } from "./pipeline_model.ts";

/** What a step tells of the pipeline it is in. */
export interface RunningRef {
  readonly pullRequest?: string | undefined;
  readonly branch?: string | undefined;
  readonly tag?: string | undefined;
}

/**
 * The pipelines of a file of which one is running, as far as its steps can tell: nothing tells a custom one from the others of a
 * branch or a tag. A name goes before patterns; which of several patterns Bitbucket takes is not always known. Source: «Use
 * glob patterns on the Pipelines yaml file» and «Pipeline start conditions» of Atlassian's documentation.
 */
export function runningPipelines(
  pipelines: readonly NamedPipeline[],
  { pullRequest, branch, tag }: RunningRef,
): NamedPipeline[] {
  const of = (selector: Selector) => pipelines.filter((one) => one.selector === selector);
  if (pullRequest) {
    const own = branch ? forName(of("pull-requests"), branch) : of("pull-requests");
    // Without one it is a custom one that a trigger of the file runs.
    return own.length > 0 ? own : of("custom");
  }
  if (tag) return [...forName(of("tags"), tag), ...of("custom")];
  if (!branch) return [...pipelines];
  const own = forName(of("branches"), branch);
  return [...(own.length > 0 ? own : of("default")), ...of("custom")];
}

function forName(pipelines: readonly NamedPipeline[], name: string): NamedPipeline[] {
  const exact = pipelines.filter(({ pattern }) => pattern === name);
  return exact.length > 0 ? exact : pipelines.filter(({ pattern }) => matchesGlob(pattern, name));
}
