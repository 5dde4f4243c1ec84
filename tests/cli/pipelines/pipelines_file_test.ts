import assert from "node:assert/strict";
import { readPipelines } from "../../../cli/pipelines/pipelines_file.ts";
import { stepsOfItem } from "../../../cli/pipelines/pipeline_model.ts";
import { recipePipelines } from "../../fixtures/recipe_page.ts";

const FIXTURES = new URL("../../fixtures/pipelines/", import.meta.url);

function fixture(name: string): string {
  return Deno.readTextFileSync(new URL(name, FIXTURES));
}

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

function onlyStep(text: string) {
  const [step] = readPipelines(text).pipelines.flatMap(({ items }) => items).flatMap(stepsOfItem);
  assert.ok(step !== undefined, "there is a step");
  return step;
}

for (const { name } of Deno.readDirSync(FIXTURES)) {
  if (!name.endsWith(".yml")) continue;
  Deno.test(`readPipelines() finds no error in ${name}`, () => {
    const { problems, pipelines } = readPipelines(fixture(name));
    assert.deepEqual(problems.filter(({ severity }) => severity === "error"), []);
    const steps = pipelines.flatMap(({ items }) => items).flatMap(stepsOfItem);
    for (const { name, type, script } of steps) assert.ok(type !== undefined || script.length > 0, name);
  });
}

for (const [section, text] of recipePipelines()) {
  Deno.test(`readPipelines() finds nothing to say of the recipe «${section}»`, () => {
    assert.deepEqual(told(text), []);
  });
}

Deno.test("readPipelines() gives each pipeline its selector, pattern, items and place", () => {
  const { pipelines } = readPipelines(fixture("docker_monorepo.yml"));
  assert.deepEqual(
    pipelines.map(({ selector, pattern, place, items }) => [
      selector,
      pattern,
      `${place.line}:${place.column}`,
      items.map((item) => `${item.kind} ${stepsOfItem(item).map(({ name }) => name).join(", ")}`),
    ]),
    [
      ["default", "", "63:3", ["step Install", "parallel API: test, Web"]],
      ["branches", "{main,release/*}", "99:5", [
        "step Install for a release",
        "stage Deploy to staging, Smoke",
        "stage Step 4",
      ]],
      ["tags", "v*", "123:5", ["step Step 1"]],
      ["pull-requests", "**", "129:5", ["step Check"]],
      ["custom", "nightly", "138:5", ["step Step 1"]],
    ],
  );
});

Deno.test("readPipelines() applies what the top level and the options say for all steps", () => {
  const text = `image: { name: node:22 }
options: { max-time: 7, runs-on: [self.hosted, linux], size: 2x, runtime: { cloud: { version: "3" } } }
clone: { depth: full, lfs: true }
pipelines:
  default:
    - step: { script: [make] }
    - step: { script: [make], image: alpine, max-time: 9, runs-on: macos, size: 4x, clone: { depth: 2 } }
`;
  const [all, own] = readPipelines(text).pipelines.flatMap(({ items }) => items).flatMap(stepsOfItem)
    .map(({ image, maxTime, runsOn, size, clone, runtimeVersion }) => ({
      image: image?.text,
      maxTime,
      labels: runsOn?.labels.map(({ text }) => text),
      size: size?.text,
      clone,
      runtime: runtimeVersion?.text,
    }));
  assert.deepEqual(all, {
    image: "node:22",
    maxTime: 7,
    labels: ["self.hosted", "linux"],
    size: "2x",
    clone: { enabled: true, depth: "full", lfs: true },
    runtime: "3",
  });
  assert.deepEqual(own, {
    image: "alpine",
    maxTime: 9,
    labels: ["macos"],
    size: "4x",
    clone: { enabled: true, depth: 2, lfs: true },
    runtime: "3",
  });
});

Deno.test("readPipelines() reads a script's commands, pipes and agents, each with its place", () => {
  const step = onlyStep(withStep(
    "script:\n- make\n- |\n  a\n  b\n- pipe: a/b:1\n  variables: { X: 1.10, Y: [p, q] }\n- agent: r\n- [c, d]",
  ));
  assert.deepEqual(step.script, [
    { kind: "command", text: "make", place: { line: 5, column: 9 } },
    { kind: "command", text: "a\nb\n", place: { line: 6, column: 9 } },
    { kind: "pipe", name: "a/b:1", variables: { X: "1.10", Y: "p q" }, place: { line: 9, column: 9 } },
    { kind: "agent", name: "r", place: { line: 11, column: 9 } },
    { kind: "command", text: "c", place: { line: 12, column: 10 } },
    { kind: "command", text: "d", place: { line: 12, column: 13 } },
  ]);
});

Deno.test("readPipelines() places a step where the pipeline names it, and its keys where they are written", () => {
  const step = onlyStep(
    "definitions:\n  steps:\n  - step: &a\n      oidc: true\n      script: [make]\npipelines:\n  default:\n  - step:\n      <<: *a\n      name: B\n",
  );
  assert.deepEqual(step.place, { line: 8, column: 5 });
  assert.deepEqual(step.places, {
    name: { line: 10, column: 7 },
    oidc: { line: 4, column: 7 },
    script: { line: 5, column: 7 },
  });
});

Deno.test("readPipelines() gives a merge the form of its own keys before those of the first map merged", () => {
  const [, step] = readPipelines(fixture("anchors_and_scripts.yml")).pipelines.flatMap(({ items }) => items)
    .flatMap(stepsOfItem);
  assert.equal(step?.name, "3.10");
  assert.equal(step?.image?.text, "node:22.11");
  assert.deepEqual(step?.script.map((entry) => entry.kind === "command" ? entry.text : ""), [
    "npm ci",
    "npm test -- --reporter=dot",
  ]);
});

Deno.test("readPipelines() reads artifacts, conditions, audiences, variables and what a child pipeline gets", () => {
  const files = ["docker_monorepo.yml", "self_hosted.yml"].map((name) => readPipelines(fixture(name)));
  const steps = files.flatMap(({ pipelines }) => pipelines).flatMap(({ items }) => items).flatMap(
    stepsOfItem,
  );
  const named = (name: string) => steps.find((step) => step.name === name);
  assert.deepEqual(named("Web")?.artifacts.download, false);
  assert.deepEqual(named("Web")?.artifacts.paths.map(({ text }) => text), ["reports/*.xml"]);
  assert.deepEqual(named("Install")?.artifacts.paths.map(({ text }) => text), [
    "node_modules/**",
    "packages/*/node_modules/**",
  ]);
  assert.deepEqual(named("API: test")?.condition?.includePaths, ["api/**", "package.json"]);
  assert.deepEqual([named("Own machine")?.oidc, named("Own machine")?.audiences], [true, [
    "sts.amazonaws.com",
  ]]);
  assert.deepEqual(steps.find(({ type }) => type === "pipeline")?.inputVariables, {
    VERSION: "${BITBUCKET_BRANCH}",
  });
  assert.deepEqual(
    files.flatMap(({ pipelines }) => pipelines).flatMap(({ variables }) => variables).map((
      { name, ...variable },
    ) => [
      name,
      variable.default,
      variable.allowedValues,
    ]),
    [["TARGET", "staging", ["staging", "production"]], ["REASON", undefined, []], [
      "REGION",
      "eu-west-1",
      [],
    ]],
  );
});
