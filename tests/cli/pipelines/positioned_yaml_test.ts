import assert from "node:assert/strict";
import { readPipelines } from "../../../cli/pipelines/pipelines_file.ts";

/** Problems as `line:column severity message`. */
function told(text: string): string[] {
  return readPipelines(text).problems.map(({ line, column, severity, message }) =>
    `${line}:${column} ${severity} ${message}`
  );
}

/** A file with one step, whose keys begin at 4:7. */
function withStep(keys: string): string {
  const indented = keys.split("\n").map((line) => `      ${line}`).join("\n");
  return `pipelines:\n  default:\n  - step:\n${indented}\n`;
}

/** What is in the file, and all that is said of it. */
const BROKEN: readonly (readonly [string, string, readonly string[]])[] = [
  ["a tab", "pipelines:\n\tdefault: []\n", [
    "2:1 error Not clean YAML: Tabs are not allowed as indentation",
  ]],
  ["an open quote", "pipelines:\n  default:\n  - step:\n      script: ['make\n", [
    "5:1 error Not clean YAML: Missing closing 'quote",
    "5:1 error Not clean YAML: Flow sequence in block collection must be sufficiently indented and end with a ]",
  ]],
  ["an alias without an anchor", "pipelines:\n  default:\n  - step: *build\n", [
    "3:11 error Alias *build has no anchor before it",
  ]],
  ["an alias within its anchor", "pipelines: &all\n  default: *all\n", [
    "2:12 error Alias *all stands within its own anchor",
  ]],
  ["a merge of a text", withStep("<<: build\nscript: [make]"), [
    "4:11 error What «<<» merges is no mapping",
  ]],
  ["a key that stands twice", withStep("script: [make]\nscript: [make]"), [
    "5:7 warning Key «script» stands here twice: the last one counts",
  ]],
];
for (const [what, text, expected] of BROKEN) {
  Deno.test(`readPipelines() tells of ${what}`, () => assert.deepEqual(told(text), expected));
}

const UNUSUAL: readonly (readonly [string, string])[] = [
  ["line ends of Windows", withStep("name: A\nscript:\n- make").replaceAll("\n", "\r\n")],
  ["a byte order mark", `\ufeff${withStep("script: [make]")}`],
  ["tabs before comments", "image: node:22\t\t# why\n" + withStep("script:\t\t# what\n- make\t\t# how")],
  ["a document's beginning and end", `# A comment\n---\n${withStep("script: [make]")}...\n`],
  ["a directive", `%YAML 1.1\n---\n${withStep("script: [make]")}`],
  [
    "two merges in one mapping",
    "definitions:\n  a: &a { size: 2x }\n  b: &b { name: B }\n" +
    withStep("<<: *a\n<<: *b\nscript: [make]"),
  ],
  ["lists as deep as their key", "pipelines:\n  default:\n  - step:\n      script:\n      - make\n"],
  [
    "commands over several lines",
    withStep("script:\n- make \\\n    all\n- >-\n  make\n  test\n- |\n  a: b\n\n  c"),
  ],
  [
    "words that are numbers or flags",
    withStep("name: 1.10\nscript:\n- 1\n- true\nclone: { depth: 1, lfs: yes }"),
  ],
  ["anchors under keys of one's own", "x-a: &a [make]\n" + withStep("script: *a")],
];
for (const [what, text] of UNUSUAL) {
  Deno.test(`readPipelines() finds no error in ${what}`, () => {
    assert.deepEqual(told(text).filter((one) => one.includes(" error ")), []);
    assert.equal(readPipelines(text).pipelines.length, 1);
  });
}

Deno.test("readPipelines() takes closing brackets that are not indented, and keeps the places behind them", () => {
  const text = "pipelines:\n  default:\n  - step:\n      caches: [\n        node\n]\n      script: [make]\n" +
    "      services: [\n        db\n  ]\n      sise: 2x\n";
  assert.deepEqual(told(text), ["11:7 error Key «sise» is not known here; did you mean «size»?"]);
});

Deno.test("readPipelines() points at the place that the reader sees, also in the line of such a bracket", () => {
  const text =
    "pipelines:\n  default:\n  - step:\n      runs-on: [\n        a\n] b: c\n      script: [make]\n";
  const places = readPipelines(text).problems.filter(({ line }) => line === 6).map(({ column }) => column);
  assert.ok(places.length > 0);
  assert.ok(places.every((column) => column <= "] b: c".length + 1), places.join());
});

const HOSTILE: readonly (readonly [string, string])[] = [
  ["brackets without end", "[".repeat(50_000)],
  ["mappings in mappings", `a: ${"{a: ".repeat(5000)}1${"}".repeat(5000)}`],
  ["keys ever deeper", Array.from({ length: 3000 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n")],
  [
    "aliases of aliases",
    "a: &a [x,x,x,x,x,x,x,x,x]\n" +
    [..."bcdefghij"].map((name, index) =>
      `${name}: &${name} [${Array(9).fill(`*${"abcdefghij"[index]}`).join(",")}]`
    ).join("\n") + "\npipelines: { default: *j }\n",
  ],
  ["control characters", "\u0000\u0001\ufffe"],
];
for (const [what, text] of HOSTILE) {
  Deno.test(`readPipelines() tells of an error in ${what}, and ends`, () => {
    assert.ok(readPipelines(text).problems.some(({ severity }) => severity === "error"));
  });
}

Deno.test("readPipelines() takes more merges than a call takes arguments", () => {
  const merges = Array(200_000).fill("*a").join(",");
  assert.match(told(`a: &a { size: 2x }\nb:\n  <<: [${merges}]\n`).join("\n"), /no «pipelines» in the file/);
});
