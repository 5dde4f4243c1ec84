import { FILE_SHAPE } from "./file_shapes.ts";
import { type GlobalOptions, type NamedPipeline, type PipelinesFile, SELECTORS } from "./pipeline_model.ts";
import { readYaml } from "./positioned_yaml.ts";
import { readItems, readVariables, variablesAmong } from "./read_items.ts";
import { placesOf, type StepDefaults, stepDefaults } from "./read_step.ts";
import { shapeProblems } from "./shape.ts";
import {
  entriesOf,
  type FileProblem,
  flagOf,
  type Place,
  type PlacedText,
  placedText,
  valueOf,
  type YamlNode,
} from "./yaml_node.ts";

const BEGINNING: Place = { line: 1, column: 1 };

/**
 * Reads a bitbucket-pipelines.yml, with the place of whatever somebody may have to say something about. Never throws:
 * what is wrong is among the problems, and what can be read of a broken file is there too.
 */
export function readPipelines(text: string): PipelinesFile {
  const { root, problems } = readYaml(text);
  const defaults = stepDefaults(root);
  const definitions = valueOf(root, "definitions");
  return {
    problems: inOrder([...problems, ...contentProblems(root, problems)]),
    pipelines: namedPipelines(valueOf(root, "pipelines"), defaults),
    options: globalOptions(valueOf(root, "options"), defaults),
    places: placesOf(root),
    definedCaches: names(valueOf(definitions, "caches")),
    definedServices: names(valueOf(definitions, "services")),
  };
}

/** Where it is no YAML, what stands where is guessed, and nothing else is said. */
function contentProblems(root: YamlNode | undefined, problems: readonly FileProblem[]): FileProblem[] {
  if (problems.some(({ severity }) => severity === "error")) return [];
  if (root !== undefined) return shapeProblems(root, FILE_SHAPE, "The file", BEGINNING);
  return [{ ...BEGINNING, severity: "error", message: "The file is empty" }];
}

function inOrder(problems: readonly FileProblem[]): FileProblem[] {
  return problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
}

function namedPipelines(node: YamlNode | undefined, defaults: StepDefaults): NamedPipeline[] {
  return SELECTORS.flatMap((selector) => {
    const chosen = node?.kind === "map" ? node.entries.get(selector) : undefined;
    if (chosen === undefined) return [];
    const named = selector === "default" ? [["", chosen] as const] : entriesOf(chosen.value);
    return named.map(([pattern, { keyPlace, value }]): NamedPipeline => ({
      selector,
      pattern,
      place: keyPlace,
      items: readItems(value, defaults),
      variables: [...variablesAmong(value), ...readVariables(valueOf(value, "variables"))],
      import: placedText(valueOf(value, "import")),
    }));
  });
}

function globalOptions(node: YamlNode | undefined, defaults: StepDefaults): GlobalOptions {
  return {
    docker: flagOf(valueOf(node, "docker")) === true,
    maxTime: defaults.maxTime,
    size: defaults.size?.text,
    runsOn: defaults.runsOn,
    places: placesOf(node),
  };
}

function names(node: YamlNode | undefined): PlacedText[] {
  return entriesOf(node).map(([text, { keyPlace }]) => ({ text, place: keyPlace }));
}
