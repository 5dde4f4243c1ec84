/** A place in a file; line and column count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Text of the file, and where it begins. */
export interface PlacedText {
  readonly text: string;
  readonly place: Place;
}

/** Something to be said of a place in a file. */
export interface FileProblem extends Place {
  readonly message: string;
  /** What is an error keeps the file from being run; a warning may be a mistake of whoever wrote it. */
  readonly severity: "error" | "warning";
}

/** A value of a YAML file, with its place; aliases and merges are resolved, so that a node may be found twice. */
export type YamlNode = YamlScalar | YamlList | YamlMap;

export interface YamlScalar {
  readonly kind: "scalar";
  readonly place: Place;
  /** As it is written, without quotes; empty for null. */
  readonly text: string;
  readonly value: string | number | boolean | null;
}

export interface YamlList {
  readonly kind: "list";
  readonly place: Place;
  readonly items: readonly YamlNode[];
}

export interface YamlEntry {
  readonly keyPlace: Place;
  readonly value: YamlNode;
}

export interface YamlMap {
  readonly kind: "map";
  readonly place: Place;
  readonly entries: ReadonlyMap<string, YamlEntry>;
}

/** The value of a map's key; undefined where there is none, where it is null, and where the node is no map. */
export function valueOf(node: YamlNode | undefined, key: string): YamlNode | undefined {
  const value = node?.kind === "map" ? node.entries.get(key)?.value : undefined;
  return value === undefined || isNull(value) ? undefined : value;
}

/** Whether a key stands there without a value. */
export function isNull(node: YamlNode): boolean {
  return node.kind === "scalar" && node.value === null;
}

/** A scalar's text with its place; undefined for anything else. */
export function placedText(node: YamlNode | undefined): PlacedText | undefined {
  if (node?.kind !== "scalar" || node.value === null) return undefined;
  return { text: node.text, place: node.place };
}

/** The texts of a list, lists within it flattened as they come of aliases; those of a single text. */
export function placedTexts(node: YamlNode | undefined): PlacedText[] {
  return flatItems(node).flatMap((item) => placedText(item) ?? []);
}

/** The items of a list, without those lists within it that hold them; a scalar or a map counts as its only item. */
export function flatItems(node: YamlNode | undefined): YamlNode[] {
  if (node === undefined) return [];
  return node.kind === "list" ? node.items.flatMap(flatItems) : [node];
}

/** A yes-or-no value, also in the words of YAML 1.1; undefined where it is neither. */
export function flagOf(node: YamlNode | undefined): boolean | undefined {
  if (node?.kind !== "scalar") return undefined;
  const text = node.text.toLowerCase();
  if (["true", "yes", "on"].includes(text)) return true;
  return ["false", "no", "off"].includes(text) ? false : undefined;
}

/** A number; undefined where it is none. */
export function numberOf(node: YamlNode | undefined): number | undefined {
  if (node?.kind !== "scalar" || node.text === "") return undefined;
  const number = Number(node.text);
  return Number.isFinite(number) ? number : undefined;
}

/** A map's entries, by name; none where it is no map. */
export function entriesOf(node: YamlNode | undefined): readonly (readonly [string, YamlEntry])[] {
  return node?.kind === "map" ? [...node.entries] : [];
}
