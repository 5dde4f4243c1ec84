import { matchesGlob } from "../../../cli/pipelines/glob.ts";
import type { NamedPipeline, Selector } from "../../../cli/pipelines/pipeline_model.ts";

const KINDS = ["custom", "branch", "tag", "pull-request"] as const;

/** What a pipeline is run for, as `--pipeline` says it. */
export interface Trigger {
  readonly kind: "default" | typeof KINDS[number];
  /** Of the custom pipeline, the branch or the tag; empty for `default`. */
  readonly name: string;
  /** The branch that a pull request goes to, where it is said. */
  readonly destination: string | undefined;
}

/** Reads what `--pipeline` takes. Throws an error that says what that is. */
export function parseTrigger(text: string): Trigger {
  if (text === "default") return { kind: "default", name: "", destination: undefined };
  const [word, ...rest] = text.split(":");
  const kind = KINDS.find((known) => known === word);
  // No branch has a colon in its name, but a custom pipeline may.
  const [name = "", destination] = kind === "pull-request" ? rest : [rest.join(":")];
  if (kind === undefined || name === "" || destination === "") {
    throw new Error(
      `Cannot use --pipeline ${text}: it takes default, custom:NAME, branch:NAME, tag:NAME or pull-request:NAME[:DESTINATION]`,
    );
  }
  return { kind, name, destination };
}

/**
 * The pipeline that Bitbucket would run: for a branch or a tag the one whose pattern is its name, else the first whose pattern
 * matches it, and for a branch the default one else. Throws an error that lists those there are.
 */
export function choosePipeline(pipelines: readonly NamedPipeline[], { kind, name }: Trigger): NamedPipeline {
  const found = candidates(pipelines, kind, name)[0] ??
    (kind === "branch" ? pipelines.find(({ selector }) => selector === "default") : undefined);
  if (found !== undefined) return found;
  const wanted = kind === "default" ? "a default pipeline" : `a pipeline for ${kind}:${name}`;
  throw new Error(
    `Cannot run pipeline: the file has not ${wanted}, only ${listed(pipelines)}; --pipeline chooses one`,
  );
}

const SELECTOR_OF: Readonly<Record<Trigger["kind"], Selector>> = {
  "default": "default",
  "custom": "custom",
  "branch": "branches",
  "tag": "tags",
  "pull-request": "pull-requests",
};

function candidates(
  pipelines: readonly NamedPipeline[],
  kind: Trigger["kind"],
  name: string,
): NamedPipeline[] {
  const own = pipelines.filter(({ selector }) => selector === SELECTOR_OF[kind]);
  const exact = own.filter(({ pattern }) => pattern === name);
  const byPattern = kind === "custom" ? [] : own.filter(({ pattern }) => matchesGlob(pattern, name));
  return [...exact, ...byPattern];
}

function listed(pipelines: readonly NamedPipeline[]): string {
  return pipelines.map(pipelineTitle).join(", ") || "none at all";
}

/** As in `branches: main`. */
export function pipelineTitle({ selector, pattern }: NamedPipeline): string {
  return selector === "default" ? selector : `${selector}: ${pattern}`;
}
