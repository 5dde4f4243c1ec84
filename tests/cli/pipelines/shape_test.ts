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
  ["a misspelt section", "pipeline:\n  default: []\n", [
    "1:1 error Key «pipeline» is not known here; did you mean «pipelines»?",
  ]],
  ["a misspelt selector", "pipelines:\n  branch:\n    main: []\n", [
    "2:3 error Key «branch» is not known here; did you mean «branches»?",
  ]],
  ["a step that is not indented", "pipelines:\n  default:\n  - step:\n    name: A\n    script: [make]\n", [
    "4:5 error Key «name» stands beside «step»: indent it, so that it stands within",
    "5:5 error Key «script» stands beside «step»: indent it, so that it stands within",
  ]],
  ["a misspelt item", "pipelines:\n  default:\n  - steps:\n      script: [make]\n", [
    "3:5 error Key «steps» is not known here; did you mean «step»?",
  ]],
  ["an item that is none", "pipelines:\n  default:\n  - job:\n      script: [make]\n", [
    "3:5 error The entry is none of: step, parallel, stage, final, variables",
  ]],
  ["a step without its dash", "pipelines:\n  default:\n    step:\n      script: [make]\n", [
    "2:3 error The pipeline is a mapping, but takes a list of steps, each with «- » before it",
  ]],
  ["a step without a script", withStep("name: Build"), ["3:5 error The step has no script"]],
  ["an empty step", "pipelines:\n  default:\n  - step:\n", ["3:5 error «step» has no value"]],
  ["a misspelt script", withStep("scripts: [make]"), [
    "4:7 error Key «scripts» is not known here; did you mean «script»?",
  ]],
  ["another spelling of a key", withStep("runs_on: linux\nafterScript: [make]\nscript: [make]"), [
    "4:7 error Key «runs_on» is not known here; did you mean «runs-on»?",
    "5:7 error Key «afterScript» is not known here; did you mean «after-script»?",
  ]],
  ["a key that nobody knows", withStep("hologram: true\nscript: [make]"), [
    "4:7 warning Key «hologram» is not known here",
  ]],
  ["keys that JavaScript knows", withStep("__proto__: 1\nconstructor: 1\nscript: [make]"), [
    "4:7 warning Key «__proto__» is not known here",
    "5:7 warning Key «constructor» is not known here",
  ]],
  ["a script that is no list", withStep("script: make"), [
    "4:15 error «script» is a single value, but takes a list",
  ]],
  ["a command with a colon", withStep('script:\n- echo "a: b"'), [
    "5:9 error A script's entry is a mapping, but no pipe: a colon with a blank behind it makes it one, so put the command in quotes",
  ]],
  ["a misspelt pipe", withStep("script:\n- pipes: a/b:1"), [
    "5:9 error Key «pipes» is not known here; did you mean «pipe»?",
  ]],
  ["a list within a script", withStep("script:\n- [make, make test]"), [
    "5:9 warning An entry of «script» is a list itself: Bitbucket may refuse that",
  ]],
  ["runs-on as a mapping", withStep("runs-on: { label: x }\nscript: [make]"), [
    "4:16 error «runs-on» is a mapping, but takes a text or a list",
  ]],
  ["too many labels", withStep("runs-on: [a, b, c, d, e, f, g, h, i, j, k]\nscript: [make]"), [
    "4:16 warning «runs-on» has 11 entries, but Bitbucket takes 10",
  ]],
  ["a misspelt word", withStep("trigger: manuel\nscript: [make]"), [
    "4:16 error «trigger» is «manuel», but takes automatic, manual; did you mean «manual»?",
  ]],
  ["a word of the future", withStep("size: 64x\nscript: [make]"), [
    "4:13 warning «size» is «64x», but takes 1x, 2x, 4x, 8x, 16x, 32x",
  ]],
  ["a number that is none", withStep("max-time: long\nscript: [make]"), [
    "4:17 warning «max-time» is «long», but takes a number",
  ]],
  ["a flag that is none", withStep("oidc: ture\nscript: [make]"), [
    "4:13 error «oidc» is «ture», but takes true, false; did you mean «true»?",
  ]],
  [
    "a misspelling below an anchor, used twice",
    "definitions:\n  steps:\n  - step: &a\n      scrip: [make]\npipelines:\n  default:\n  - step: *a\n  - step: *a\n",
    [
      "4:7 error Key «scrip» is not known here; did you mean «script»?",
    ],
  ],
  ["nothing", "", ["1:1 error The file is empty"]],
  ["a text", "hello", ["1:1 error The file is a single value, but takes a mapping"]],
  ["no pipelines", "image: node\n", ["1:1 error There is no «pipelines» in the file"]],
  ["a group without steps", "pipelines:\n  default:\n  - parallel:\n      fail-fast: true\n", [
    "3:5 error «parallel» has no steps",
  ]],
  ["a misspelt condition", withStep("condition:\n  changesets:\n    includePath: [a]\nscript: [make]"), [
    "6:11 error Key «includePath» is not known here; did you mean «includePaths»?",
  ]],
  [
    "a misspelt definition",
    "definitions:\n  cache:\n    a: b\npipelines:\n  default:\n  - step: { script: [make] }\n",
    [
      "2:3 warning Key «cache» is not known here; did you mean «caches»?",
    ],
  ],
];
for (const [what, text, expected] of BROKEN) {
  Deno.test(`readPipelines() tells of ${what}`, () => assert.deepEqual(told(text), expected));
}
