import type { PipelineItem, PipelineStep, PipelineVariable } from "./pipeline_model.ts";
import { placesOf, readCondition, readStep, type StepDefaults } from "./read_step.ts";
import {
  entriesOf,
  flagOf,
  flatItems,
  placedText,
  placedTexts,
  valueOf,
  type YamlEntry,
  type YamlNode,
} from "./yaml_node.ts";

/** Reads the items of one pipeline; steps without a name are numbered through it. */
export function readItems(list: YamlNode | undefined, defaults: StepDefaults): PipelineItem[] {
  let number = 0;
  const step = ({ value, keyPlace }: YamlEntry) => readStep(value, keyPlace, `Step ${++number}`, defaults);
  return entriesIn(list).flatMap(([kind, entry]) => readItem(kind, entry, step));
}

/** Reads what a custom pipeline asks for. */
export function readVariables(list: YamlNode | undefined): PipelineVariable[] {
  return flatItems(list).flatMap((item) => {
    const name = placedText(valueOf(item, "name"));
    if (name === undefined) return [];
    return [{
      name: name.text,
      place: name.place,
      default: placedText(valueOf(item, "default"))?.text,
      allowedValues: placedTexts(valueOf(item, "allowed-values")).map(({ text }) => text),
      description: placedText(valueOf(item, "description"))?.text,
    }];
  });
}

/** The variables that stand as an item among the steps of a custom pipeline. */
export function variablesAmong(list: YamlNode | undefined): PipelineVariable[] {
  return entriesIn(list).flatMap(([kind, { value }]) => kind === "variables" ? readVariables(value) : []);
}

function entriesIn(list: YamlNode | undefined): (readonly [string, YamlEntry])[] {
  return list?.kind === "list" ? flatItems(list).flatMap(entriesOf) : [];
}

type ReadStep = (entry: YamlEntry) => PipelineStep;

function readItem(kind: string, entry: YamlEntry, step: ReadStep): PipelineItem[] {
  const { value, keyPlace: place } = entry;
  switch (kind) {
    case "step":
    case "final":
      return [{ kind, place, step: step(entry) }];
    case "parallel": {
      const failFast = flagOf(valueOf(value, "fail-fast")) === true;
      return [{ kind, place, steps: stepsIn(value, step), failFast, places: placesOf(value) }];
    }
    case "stage":
      return [{
        kind,
        place,
        name: placedText(valueOf(value, "name"))?.text,
        steps: stepsIn(value, step),
        trigger: placedText(valueOf(value, "trigger")),
        deployment: placedText(valueOf(value, "deployment") ?? valueOf(value, "environment")),
        condition: readCondition(valueOf(value, "condition")),
        places: placesOf(value),
      }];
    default:
      return [];
  }
}

/** Groups within groups, which Bitbucket may refuse, count as their steps. */
function stepsIn(group: YamlNode, step: ReadStep): PipelineStep[] {
  const list = group.kind === "list" ? group : valueOf(group, "steps");
  return entriesIn(list).flatMap(([kind, entry]) => {
    if (kind === "step") return [step(entry)];
    return kind === "parallel" || kind === "stage" ? stepsIn(entry.value, step) : [];
  });
}
