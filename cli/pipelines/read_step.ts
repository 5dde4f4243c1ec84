import type {
  PipelineStep,
  Places,
  RunsOn,
  ScriptEntry,
  StepArtifacts,
  StepClone,
  StepCondition,
} from "./pipeline_model.ts";
import {
  entriesOf,
  flagOf,
  flatItems,
  numberOf,
  type Place,
  type PlacedText,
  placedText,
  placedTexts,
  valueOf,
  type YamlNode,
} from "./yaml_node.ts";

/** What holds for every step that does not say otherwise. */
export interface StepDefaults {
  readonly image: PlacedText | undefined;
  readonly runsOn: RunsOn | undefined;
  readonly size: PlacedText | undefined;
  readonly maxTime: number | undefined;
  readonly runtimeVersion: PlacedText | undefined;
  readonly clone: YamlNode | undefined;
}

/** Reads the top level's and the options' part of each step. */
export function stepDefaults(root: YamlNode | undefined): StepDefaults {
  const options = valueOf(root, "options");
  return {
    image: imageName(valueOf(root, "image")),
    runsOn: runsOn(valueOf(options, "runs-on")),
    size: placedText(valueOf(options, "size")),
    maxTime: numberOf(valueOf(options, "max-time")),
    runtimeVersion: runtimeVersion(options),
    clone: valueOf(root, "clone"),
  };
}

/** Reads a step; what is wrong with it is told elsewhere, and left out here. */
export function readStep(
  node: YamlNode | undefined,
  place: Place,
  name: string,
  defaults: StepDefaults,
): PipelineStep {
  const value = (key: string) => valueOf(node, key);
  const text = (key: string) => placedText(value(key));
  const oidc = value("oidc");
  return {
    name: text("name")?.text ?? name,
    place,
    places: placesOf(node),
    runsOn: runsOn(value("runs-on")) ?? defaults.runsOn,
    oidc: oidc?.kind === "map" || flagOf(oidc) === true,
    audiences: placedTexts(valueOf(oidc, "audiences")).map(({ text }) => text),
    trigger: text("trigger"),
    script: scriptEntries(value("script")),
    afterScript: scriptEntries(value("after-script")),
    artifacts: artifacts(value("artifacts")),
    caches: placedTexts(value("caches")),
    services: placedTexts(value("services")),
    image: imageName(value("image")) ?? defaults.image,
    size: text("size") ?? defaults.size,
    maxTime: numberOf(value("max-time")) ?? defaults.maxTime,
    deployment: text("deployment") ?? text("environment"),
    concurrencyGroup: text("concurrency-group")?.text,
    clone: clone(value("clone"), defaults.clone),
    condition: readCondition(value("condition")),
    failFast: flagOf(value("fail-fast")) === true,
    runtimeVersion: runtimeVersion(node) ?? defaults.runtimeVersion,
    type: text("type")?.text,
    custom: text("custom"),
    inputVariables: textsByName(value("input-variables")),
  };
}

/** Where each key of a mapping stands. */
export function placesOf(node: YamlNode | undefined): Places {
  return Object.fromEntries(entriesOf(node).map(([name, { keyPlace }]) => [name, keyPlace]));
}

/** Reads when a step or a stage is left out. */
export function readCondition(node: YamlNode | undefined): StepCondition | undefined {
  if (node === undefined) return undefined;
  const changesets = valueOf(node, "changesets");
  const paths = (key: string) => placedTexts(valueOf(changesets, key)).map(({ text }) => text);
  return {
    place: node.place,
    includePaths: paths("includePaths"),
    excludePaths: paths("excludePaths"),
    state: placedText(valueOf(node, "state"))?.text,
  };
}

function runsOn(node: YamlNode | undefined): RunsOn | undefined {
  const labels = placedTexts(node);
  return node === undefined || labels.length === 0 ? undefined : { labels, place: node.place };
}

function imageName(node: YamlNode | undefined): PlacedText | undefined {
  return placedText(node) ?? placedText(valueOf(node, "name"));
}

function runtimeVersion(owner: YamlNode | undefined): PlacedText | undefined {
  return placedText(valueOf(valueOf(valueOf(owner, "runtime"), "cloud"), "version"));
}

function scriptEntries(node: YamlNode | undefined): ScriptEntry[] {
  return flatItems(node).flatMap((item): ScriptEntry[] => {
    const { place } = item;
    const [command, pipe, agent] = [
      placedText(item),
      ...["pipe", "agent"].map((key) => placedText(valueOf(item, key))),
    ];
    if (command !== undefined) return [{ kind: "command", ...command }];
    if (pipe !== undefined) {
      return [{ kind: "pipe", name: pipe.text, place, variables: textsByName(valueOf(item, "variables")) }];
    }
    return agent === undefined ? [] : [{ kind: "agent", name: agent.text, place }];
  });
}

function textsByName(node: YamlNode | undefined): Record<string, string> {
  return Object.fromEntries(
    entriesOf(node).map(([name, { value }]) => [name, placedTexts(value).map(({ text }) => text).join(" ")]),
  );
}

function artifacts(node: YamlNode | undefined): StepArtifacts {
  const download = valueOf(node, "download");
  const uploads = flatItems(valueOf(node, "upload")).map((upload) => valueOf(upload, "paths") ?? upload);
  return {
    paths: node?.kind === "map"
      ? [valueOf(node, "paths"), ...uploads].flatMap(placedTexts)
      : placedTexts(node),
    download: download?.kind === "list"
      ? placedTexts(download).map(({ text }) => text)
      : flagOf(download) !== false,
  };
}

/** A step's own words go before those of the top level, one by one. */
function clone(own: YamlNode | undefined, all: YamlNode | undefined): StepClone {
  const value = (key: string) => valueOf(own, key) ?? valueOf(all, key);
  const depth = value("depth");
  return {
    enabled: flagOf(value("enabled")) !== false,
    depth: placedText(depth)?.text === "full" ? "full" : numberOf(depth),
    lfs: flagOf(value("lfs")) === true,
  };
}
