import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type ParsedNode,
  parseDocument,
  type Scalar,
  type YAMLError,
} from "yaml";
import { shortened } from "../../shared/output/plain_text.ts";
import { type FileProblem, isNull, type Place, type YamlEntry, type YamlNode } from "./yaml_node.ts";

/**
 * How many values a file may have with its aliases resolved. Aliases of aliases make more of a few lines than anybody
 * can look at; Bitbucket takes a hundred steps.
 */
const MOST_VALUES = 100_000;

const MERGE_KEY = "<<";

/** How many closing brackets are indented for the library, each by so many blanks. */
const MOST_BRACKETS = 20;
const FAR_RIGHT = 100;

/** A file's content, with what keeps it from being YAML. */
export interface PositionedYaml {
  /** Undefined where the file is empty, or holds nothing that can be looked at. */
  readonly root: YamlNode | undefined;
  readonly problems: readonly FileProblem[];
}

/** Reads YAML with the place of each value; never throws. What can be read of a broken file is there too. */
export function readYaml(text: string): PositionedYaml {
  const { contents, faults, lines, indented } = parse(text, []);
  const reader = new Reader(lines, indented);
  const root = contents === null ? undefined : reader.read(contents);
  const problems = faults.map((problem): FileProblem => ({
    ...reader.placeAt(problem.pos[0]),
    message: `Not clean YAML: ${shortened(problem.message)}`,
    severity: problem.name === "YAMLWarning" ? "warning" : "error",
  }));
  return root !== undefined && reader.sizeOf(root) > MOST_VALUES
    ? { root: undefined, problems: [...problems, tooLarge(root.place)] }
    : { root, problems: [...problems, ...reader.problems] };
}

interface Parsed {
  readonly contents: ParsedNode | null;
  readonly faults: readonly YAMLError[];
  readonly lines: LineCounter;
  /** The lines that were indented, which is to be seen in no place. */
  readonly indented: readonly number[];
}

/** Other readers take a closing bracket that is not indented, so it is read as if it were. */
function parse(text: string, indented: readonly number[]): Parsed {
  const lines = new LineCounter();
  const { contents, errors, warnings } = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    strict: false,
    uniqueKeys: false,
    logLevel: "silent",
  });
  const [{ code, pos: [at] } = { code: "", pos: [0] }] = errors;
  const isBracket = code === "BAD_INDENT" && /^ *[\]}]$/.test(lineUpTo(text, at));
  if (indented.length === MOST_BRACKETS || !isBracket) {
    return { contents, faults: [...errors, ...warnings], lines, indented };
  }
  const further = text.slice(0, at) + " ".repeat(FAR_RIGHT) + text.slice(at);
  return parse(further, [...indented, lines.linePos(at).line]);
}

function lineUpTo(text: string, at: number): string {
  return text.slice(text.lastIndexOf("\n", at) + 1, at + 1);
}

function tooLarge(place: Place): FileProblem {
  return {
    ...place,
    message: `The file has more than ${MOST_VALUES} values once its aliases are resolved`,
    severity: "error",
  };
}

/** Turns the library's nodes into ours, each once, however many aliases it has. */
class Reader {
  readonly problems: FileProblem[] = [];
  readonly #lines: LineCounter;
  readonly #indented: readonly number[];
  /** By anchor; an anchor that is given again counts from there on. */
  readonly #anchors = new Map<string, YamlNode | "open">();
  readonly #sizes = new Map<YamlNode, number>();

  constructor(lines: LineCounter, indented: readonly number[]) {
    this.#lines = lines;
    this.#indented = indented;
  }

  placeAt(offset: number): Place {
    const { line, col } = this.#lines.linePos(offset);
    const added = FAR_RIGHT * this.#indented.filter((one) => one === line).length;
    return { line: Math.max(line, 1), column: Math.max(col - added, 1) };
  }

  read(node: ParsedNode | null, fallback: Place = { line: 1, column: 1 }): YamlNode {
    const place = node === null ? fallback : this.placeAt(node.range[0]);
    if (node === null) return { kind: "scalar", place, text: "", value: null };
    if (isAlias(node)) return this.#resolve(node.source, place);
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, "open");
    const read = isMap(node) ? this.#readMap(node.items as readonly Pair[], place) : isSeq(node)
      ? {
        kind: "list" as const,
        place,
        items: (node.items as readonly ParsedNode[]).map((item) => this.read(item, place)),
      }
      : readScalar(node, place);
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, read);
    return read;
  }

  /** How many nodes there are below one, those of its aliases counted each time. */
  sizeOf(node: YamlNode): number {
    const known = this.#sizes.get(node);
    if (known !== undefined) return known;
    const below = node.kind === "list"
      ? node.items
      : node.kind === "map"
      ? [...node.entries.values()].map(({ value }) => value)
      : [];
    const size = below.reduce((sum, one) => sum + this.sizeOf(one), 1);
    this.#sizes.set(node, size);
    return size;
  }

  #resolve(name: string, place: Place): YamlNode {
    const target = this.#anchors.get(name);
    if (target !== undefined && target !== "open") return target;
    const why = target === "open" ? "stands within its own anchor" : "has no anchor before it";
    this.#tell(place, `Alias *${shortened(name)} ${why}`, "error");
    return { kind: "scalar", place, text: "", value: null };
  }

  /** A map's own keys go before those that are merged into it, and a merged map before the next. */
  #readMap(pairs: readonly Pair[], place: Place): YamlNode {
    const own = new Map<string, YamlEntry>();
    const merged: YamlNode[] = [];
    for (const { key, value } of pairs) {
      const name = keyText(key);
      const keyPlace = key === null ? place : this.placeAt(key.range[0]);
      const entry = { keyPlace, value: this.read(value, keyPlace) };
      if (name === MERGE_KEY) {
        for (const one of entry.value.kind === "list" ? entry.value.items : [entry.value]) merged.push(one);
      } else {
        if (own.has(name)) {
          this.#tell(keyPlace, `Key «${shortened(name)}» stands here twice: the last one counts`, "warning");
        }
        own.set(name, entry);
      }
    }
    return { kind: "map", place, entries: this.#withMerged(own, merged) };
  }

  #withMerged(own: Map<string, YamlEntry>, merged: readonly YamlNode[]): Map<string, YamlEntry> {
    const entries = new Map(own);
    for (const source of merged) {
      if (source.kind === "map") {
        for (const [name, entry] of source.entries) if (!entries.has(name)) entries.set(name, entry);
      } else if (!isNull(source)) {
        this.#tell(source.place, `What «${MERGE_KEY}» merges is no mapping`, "error");
      }
    }
    return entries;
  }

  #tell(place: Place, message: string, severity: FileProblem["severity"]): void {
    this.problems.push({ ...place, message, severity });
  }
}

interface Pair {
  readonly key: ParsedNode | null;
  readonly value: ParsedNode | null;
}

function keyText(key: ParsedNode | null): string {
  return key !== null && isScalar(key) ? key.source ?? String(key.value) : String(key);
}

/** A number is kept as it is written: `1.10` is no `1.1`, as a version or a tag. */
function readScalar(node: Scalar, place: Place): YamlNode {
  const { value } = node;
  if (value === null || value === undefined) return { kind: "scalar", place, text: "", value: null };
  if (typeof value === "string") return { kind: "scalar", place, text: value, value };
  const plain = typeof value === "number" || typeof value === "boolean" ? value : String(value);
  return { kind: "scalar", place, text: node.source ?? String(value), value: plain };
}
