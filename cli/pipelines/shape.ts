import { shortened } from "../../shared/output/plain_text.ts";
import { closestWord } from "../../shared/settings/closest_word.ts";
import {
  type FileProblem,
  flagOf,
  isNull,
  numberOf,
  type Place,
  type YamlMap,
  type YamlNode,
} from "./yaml_node.ts";

/** What a place of the file may hold: one or several of a scalar, a list and a map; anything where it names none. */
export interface Shape {
  readonly scalar?: ScalarShape;
  readonly list?: ListShape;
  readonly map?: MapShape;
}

export interface ScalarShape {
  readonly is: "text" | "flag" | "number";
  /** The words that are known for it, if it is one of a few. */
  readonly words?: readonly string[];
}

export interface ListShape {
  readonly of: Shape;
  readonly most?: number;
}

export interface MapShape {
  readonly keys: Readonly<Record<string, Shape>>;
  /** What stands under any other key, where names are free. */
  readonly others?: Shape;
  /** At least one of these keys has to be there; what is said where none is. */
  readonly needs?: { readonly keys: readonly string[]; readonly otherwise: string };
}

/** What of a node does not fit its shape: `subject` names it, `at` is where the reader is to look for it. */
export function shapeProblems(node: YamlNode, shape: Shape, subject: string, at: Place): FileProblem[] {
  const seen = new Map<YamlNode, Set<Shape>>();
  const problems: FileProblem[] = [];
  check(node, shape, subject, at, { seen, tell: (problem) => problems.push(problem) });
  return problems;
}

/** Of shorter words, such as sizes, another may well be one that is not known yet. */
const SHORTEST_MEANT = 4;

interface Visit {
  /** An anchored node is looked at once, however many aliases it has. */
  readonly seen: Map<YamlNode, Set<Shape>>;
  readonly tell: (problem: FileProblem) => void;
}

function check(node: YamlNode, shape: Shape, subject: string, at: Place, visit: Visit): void {
  const seen = visit.seen.get(node) ?? new Set();
  if (seen.has(shape) || isAnything(shape)) return;
  visit.seen.set(node, seen.add(shape));
  if (isNull(node)) {
    // A command that is only a comment does nothing; a step that is none is forgotten indentation.
    const severity = shape.map?.needs === undefined || shape.scalar !== undefined ? "warning" : "error";
    return visit.tell({ ...at, severity, message: `${subject} has no value` });
  }
  if (node.kind === "scalar" && shape.scalar !== undefined) {
    return checkScalar(node.text, node, shape.scalar, subject, visit);
  }
  if (node.kind === "list" && shape.list !== undefined) {
    return checkList(node.items, shape.list, subject, node.place, visit);
  }
  if (node.kind === "map" && shape.map !== undefined) return checkMap(node, shape.map, at, visit);
  const found = { scalar: "a single value", list: "a list", map: "a mapping" }[node.kind];
  visit.tell({
    ...node.place,
    severity: "error",
    message: `${subject} is ${found}, but takes ${takes(shape)}`,
  });
}

function isAnything({ scalar, list, map }: Shape): boolean {
  return scalar === undefined && list === undefined && map === undefined;
}

function takes({ scalar, list, map }: Shape): string {
  return [
    scalar === undefined ? [] : [{ text: "a text", flag: "true or false", number: "a number" }[scalar.is]],
    list === undefined ? [] : ["a list"],
    map === undefined ? [] : ["a mapping"],
  ].flat().join(" or ");
}

function checkScalar(
  text: string,
  node: YamlNode,
  { is, words }: ScalarShape,
  subject: string,
  visit: Visit,
): void {
  if (text.includes("${{")) return;
  const known = words ?? (is === "flag" ? ["true", "false"] : undefined);
  const fits = is === "flag" ? flagOf(node) !== undefined : is === "text" || numberOf(node) !== undefined;
  if (fits && words === undefined || words?.includes(text)) return;
  const meant = closestWord(text, (known ?? []).filter((word) => word.length >= SHORTEST_MEANT));
  visit.tell({
    ...node.place,
    severity: meant === undefined ? "warning" : "error",
    message: `${subject} is «${shortened(text)}», but takes ${known?.join(", ") ?? "a number"}${
      guess(meant)
    }`,
  });
}

function checkList(
  items: readonly YamlNode[],
  { of, most }: ListShape,
  subject: string,
  place: Place,
  visit: Visit,
): void {
  const warn = (at: Place, message: string) => visit.tell({ ...at, severity: "warning", message });
  if (items.length === 0) warn(place, `${subject} is an empty list`);
  if (most !== undefined && items.length > most) {
    warn(place, `${subject} has ${items.length} entries, but Bitbucket takes ${most}`);
  }
  const entry = `An entry of ${subject}`;
  for (const item of items) {
    if (item.kind === "list" && of.list === undefined) {
      warn(item.place, `${entry} is a list itself: Bitbucket may refuse that`);
      checkList(item.items, { of }, subject, item.place, visit);
    } else check(item, of, entry, item.place, visit);
  }
}

function checkMap(map: YamlMap, shape: MapShape, at: Place, visit: Visit): void {
  const { keys, others, needs } = shape;
  const foreign = [...map.entries].filter(([name]) => !Object.hasOwn(keys, name))
    .map(([name, { keyPlace }]) => ({
      name,
      keyPlace,
      owner: ownerOf(name, map, keys),
      meant: closest(name, keys, map),
    }));
  const found = needs === undefined ||
    needs.keys.some((key) => map.entries.has(key) || foreign.some(({ meant }) => meant === key));
  if (!found) visit.tell({ ...at, severity: "error", message: needs.otherwise });
  for (const { name, keyPlace, owner, meant } of foreign) {
    const problem = unknownKey(name, owner, meant);
    if (others === undefined) {
      if (found || problem.severity === "error") visit.tell({ ...keyPlace, ...problem });
    } else if (meant !== undefined) visit.tell({ ...keyPlace, ...problem, severity: "warning" });
  }
  for (const [name, { keyPlace, value }] of map.entries) {
    const known = Object.hasOwn(keys, name) ? keys[name] : others;
    const emptied = foreign.some(({ owner }) => owner === name);
    if (known !== undefined && !emptied) check(value, known, `«${shortened(name)}»`, keyPlace, visit);
  }
}

/** The key without a value in which a key beside it would be known: the mark of a missing indentation. */
function ownerOf(name: string, map: YamlMap, keys: MapShape["keys"]): string | undefined {
  return Object.keys(keys).find((key) => {
    const entry = map.entries.get(key);
    return entry !== undefined && isNull(entry.value) && Object.hasOwn(keys[key]?.map?.keys ?? {}, name);
  });
}

/** A key that is there already is not meant a second time. */
function closest(name: string, keys: MapShape["keys"], map: YamlMap): string | undefined {
  return closestWord(name, Object.keys(keys).filter((key) => !map.entries.has(key)));
}

function unknownKey(
  name: string,
  owner: string | undefined,
  meant: string | undefined,
): Pick<FileProblem, "severity" | "message"> {
  const subject = `Key «${shortened(name)}»`;
  if (owner !== undefined) {
    return {
      severity: "error",
      message: `${subject} stands beside «${owner}»: indent it, so that it stands within`,
    };
  }
  return meant === undefined
    ? { severity: "warning", message: `${subject} is not known here` }
    : { severity: "error", message: `${subject} is not known here${guess(meant)}` };
}

function guess(meant: string | undefined): string {
  return meant === undefined ? "" : `; did you mean «${meant}»?`;
}
