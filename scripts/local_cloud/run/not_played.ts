import {
  type NamedPipeline,
  type PipelinesFile,
  type PipelineStep,
  stepsOfItem,
} from "../../../cli/pipelines/pipeline_model.ts";
import type { FileProblem, Place } from "../../../cli/pipelines/yaml_node.ts";

/** What the local cloud does in place of what a key asks for. */
const MEANING: Readonly<Record<string, string>> = {
  "image": "steps run on this machine, with its own programs, and in no image",
  "services": "no service is started: docker is this machine's own, and a database has to run here already",
  "caches": "nothing is kept from run to run, so every step begins with empty caches",
  "size": "every step has the memory of this machine",
  "runtime": "steps run on this machine, whatever their runtime",
  "docker": "docker is this machine's own, in every step",
  "pipe": "pipes are images and are not run: each is passed over, and its step goes on",
  "agent": "agents are not run: each is passed over, and its step goes on",
  "type": "no other pipeline is started: the step does nothing",
  "input-variables": "no other pipeline is started that could get them",
  "output-variables": "later steps do not get them",
  "auth": "a step may do what you may",
  "on-fail": "a step that fails fails its pipeline all the same",
  "labels": "nothing is labelled",
  "oidc: audiences": "the token is for the workspace's own audience alone",
  "clone: lfs": "files of Git LFS stay what is committed of them",
  "condition: state": "the expression is not looked at, and the step runs",
  "artifacts: download": "the step gets all artifacts of the steps before it, not some by their names",
  "triggers": "nothing but --pipeline chooses what is run",
  "export": "nothing is exported to other repositories",
  "${{…}}": "templates are not filled in: their text stays as it is",
};

/** A warning for each kind of thing in a pipeline that is not played, at the first place where it stands. */
export function notPlayed(text: string, file: PipelinesFile, pipeline: NamedPipeline): FileProblem[] {
  const found = [
    ...placed(file.places, ["image", "triggers", "export", "labels"]),
    ...placed(file.options.places, ["size", "runtime", "docker"]),
    ...pipeline.items.flatMap(stepsOfItem).flatMap((step) => inStep(step, file)),
    ...templates(text),
  ].sort(([, a], [, b]) => a.line - b.line || a.column - b.column);
  const first = new Map<string, Place>();
  for (const [key, place] of found) if (!first.has(key)) first.set(key, place);
  return [...first].map(([key, { line, column }]) => ({
    line,
    column,
    severity: "warning",
    message: `«${key}» is not played: ${MEANING[key]}`,
  }));
}

type Found = readonly [key: string, place: Place];

function placed(places: Readonly<Record<string, Place>>, keys: readonly string[]): Found[] {
  return keys.flatMap((key) => {
    const place = places[key];
    return place === undefined ? [] : [[key, place] as const];
  });
}

const STEP_KEYS = [
  "image",
  "services",
  "caches",
  "size",
  "runtime",
  "auth",
  "on-fail",
  "input-variables",
  "output-variables",
];

function inStep(step: PipelineStep, file: PipelinesFile): Found[] {
  const { artifacts, audiences, clone, condition, places, script, afterScript } = step;
  return [
    ...placed(places, step.type === "pipeline" ? [...STEP_KEYS, "type"] : STEP_KEYS),
    ...[...script, ...afterScript].flatMap(({ kind, place }) =>
      kind === "command" ? [] : [[kind, place] as const]
    ),
    ...(audiences.length === 0 ? [] : [["oidc: audiences", places["oidc"] ?? step.place] as const]),
    ...(clone.lfs ? [["clone: lfs", places["clone"] ?? file.places["clone"] ?? step.place] as const] : []),
    ...(condition?.state === undefined ? [] : [["condition: state", condition.place] as const]),
    ...(typeof artifacts.download === "boolean"
      ? []
      : [["artifacts: download", places["artifacts"] ?? step.place] as const]),
  ];
}

/** Where a template stands first, outside of comments. */
function templates(text: string): Found[] {
  const lines = text.split("\n");
  const line = lines.findIndex((candidate) => /^[^#]*\$\{\{/.test(candidate));
  if (line === -1) return [];
  return [["${{…}}", { line: line + 1, column: (lines[line] ?? "").indexOf("${{") + 1 }]];
}
