import assert from "node:assert/strict";
import fc from "fast-check";
import { pipelineFindings, type StartDefaults } from "../../../cli/pipelines/pipeline_findings.ts";
import { readPipelines } from "../../../cli/pipelines/pipelines_file.ts";
import { codeBlocks } from "../../fixtures/markdown.ts";
import {
  DEFAULTS,
  type FindingCase,
  found,
  pipeline,
  SHELL,
  start,
  step,
  tryFindings,
  use,
} from "../../fixtures/pipelines/pipeline_text.ts";
import { recipePipelines } from "../../fixtures/recipe_page.ts";

const DOCKER_MONOREPO = new URL("../../fixtures/pipelines/docker_monorepo.yml", import.meta.url);

const CASES: readonly FindingCase[] = [
  {
    what: "a step that the runner of another kind takes too",
    file: pipeline(
      start("--compute-type small"),
      use("Test"),
      start("--compute-type 2xlarge --label big"),
      use("Load", `${SHELL}, big`),
    ),
    expected: [
      "4:36 warning Step «Test» may also land on the runner of step «Start» (line 5): of another kind, it has all labels asked for => Give each kind of runner a label of its own with --label, and ask for it in runs-on",
    ],
  },
  {
    what: "an anchored step's fault, once for all pipelines",
    file:
      "definitions:\n  steps:\n  - step: &s { script: [start-runner] }\npipelines:\n  custom:\n    a: [{ step: *s }]\n    b:\n    - step:\n        <<: *s\n        oidc: true\n",
    expected: [
      "6:11 fail Step «Step 1» calls start-runner, but has no OIDC token to take on its role with => Write «oidc: true» in this step",
    ],
  },
];
tryFindings(CASES);

interface FineCase {
  readonly what: string;
  readonly file: string;
  readonly defaults?: Partial<StartDefaults>;
}

const FINE: readonly FineCase[] = [
  { what: "one start for each step", file: pipeline(start(), use("A"), start(), use("B")) },
  { what: "a runner that stays", file: pipeline(start("--multi-step"), use("A"), use("B")) },
  {
    what: "a runner that stays by a variable",
    file: pipeline(start(), use("A"), use("B")),
    defaults: { multiStep: true },
  },
  {
    what: "a runner that stays by an export",
    file: pipeline(
      step('oidc: true, script: ["export MULTI_STEP=true RUNNER_LABEL=big,fast", "start-runner"]'),
      use("A", `${SHELL}, big`),
      use("B", `${SHELL}, fast`),
    ),
  },
  {
    what: "variables before the command, and a block of several lines",
    file: pipeline(
      step("oidc: true, script: [\"set -e\\nMULTI_STEP=1 start-runner \\\\\\n  --label 'big'\\n\"]"),
      use("A", `${SHELL}, big`),
      use("B"),
    ),
  },
  {
    what: "labels of the repository's",
    file: pipeline(start(), use("A", `${SHELL}, big`)),
    defaults: { userLabels: ["big"] },
  },
  {
    what: "a template alone",
    file: pipeline(start(), step('name: A, runs-on: "${{LABELS}}", script: [make]')),
  },
  {
    what: "labels that nobody knows here",
    file: pipeline(start("--label $KIND"), use("A", `${SHELL}, big`)),
  },
  {
    what: "labels of a template",
    file: pipeline(start("--label x"), use("A", `${SHELL}, "\${{BITBUCKET_COMMIT}}"`)),
  },
  {
    what: "a Docker runner by its image",
    file: pipeline(
      step('oidc: true, image: "ghcr.io/westito/aws-bitbucket-runner-docker:1.0.0", script: [start-runner]'),
      use("A", "self.hosted, linux, codebuild"),
    ),
  },
  {
    what: "a Docker runner on arm64",
    file: pipeline(
      start("--runner-type docker --image aws/codebuild/amazonlinux-aarch64-standard:3.0"),
      use("A", "self.hosted, linux.arm64, codebuild"),
    ),
  },
  { what: "either architecture where none is known", file: pipeline(start(), use("A", `${SHELL}, arm64`)) },
  {
    what: "two starts in one step",
    file: pipeline(
      step('oidc: true, script: ["start-runner --label a & start-runner --label b; wait"]'),
      `parallel: [{ ${use("A", `${SHELL}, a`)} }, { ${use("B", `${SHELL}, b`)} }]`,
    ),
  },
  {
    what: "several runners of one build, or of several",
    file: pipeline(
      start("--runners 2 --machines 2"),
      `parallel: [{ ${use("A")} }, { ${use("B")} }, { ${use("C")} }]`,
      use("D"),
    ),
  },
  {
    what: "several runners by a variable of the repository's",
    file: pipeline(start("--multi-step"), `parallel: [{ ${use("A")} }, { ${use("B")} }]`, use("C")),
    defaults: { runners: 2 },
  },
  {
    what: "runners that are counted",
    file: pipeline(
      start("--multi-step --runners auto"),
      `parallel: [{ ${use("A")} }, { ${use("B")} }, { ${use("C", "self.hosted, windows")} }]`,
      use("D"),
      step("name: Ask, trigger: manual, script: [echo]"),
      `parallel: [{ ${start("--runners auto")} }, { ${start("--machines 2", ", condition: ~")} }]`,
      `parallel: [{ ${use("E")} }, { ${use("F")} }, { ${use("G")} }, { ${use("H")} }]`,
    ),
  },
  {
    what: "runners whose number nobody knows here",
    file: pipeline(start("--runners $N"), `parallel: [{ ${use("A")} }, { ${use("B")} }]`),
  },
  {
    what: "steps that fit in one order only",
    file: pipeline(
      `parallel: [{ ${start("--label a,b")} }, { ${start("--label b")} }]`,
      `parallel: [{ ${use("B", `${SHELL}, b`)} }, { ${use("A", `${SHELL}, a`)} }]`,
    ),
  },
  {
    what: "as many steps side by side as there are machines",
    file: pipeline(
      start("--machines 3"),
      `parallel: [{ ${use("A")} }, { ${use("B")} }, { ${use("C")} }]`,
    ),
  },
  {
    what: "machines whose number is a variable's",
    file: pipeline(start("--machines $MACHINES"), `parallel: [{ ${use("A")} }, { ${use("B")} }]`),
  },
  {
    what: "a start behind the gate",
    file: pipeline(start(), use("A"), start("", ", trigger: manual"), use("B")),
  },
  { what: "runners of other systems", file: pipeline(use("A", "self.hosted, windows"), use("B", "macos")) },
  {
    what: "credentials of the step's own",
    file: pipeline(
      step('script: ["export AWS_PROFILE=ci", "start-runner"]'),
      use(),
    ),
  },
  {
    what: "other commands of start-runner",
    file: pipeline(
      step(
        'script: ["start-runner doctor", "start-runner --version", "echo start-runner", "start-runner start --dry-run"]',
      ),
    ),
  },
  { what: "what has nothing to do with runners", file: pipeline(step("script: [make], caches: [docker]")) },
];
for (const { what, file, defaults } of FINE) {
  Deno.test(`pipelineFindings() has nothing to say of ${what}`, () => {
    const told = found(file, defaults).filter((one) =>
      what !== "steps that fit in one order only" || one.includes(" fail ")
    );
    assert.deepEqual(told, []);
  });
}

Deno.test("pipelineFindings() misses the machines of which there are too few", () => {
  const steps = ["A", "B", "C"].map((name) => `{ ${use(name)} }`).join(", ");
  const failing = (flags: string) =>
    found(pipeline(start(flags), `parallel: [${steps}]`)).filter((one) => one.includes(" fail ")).length;
  assert.deepEqual(["--machines 1", "--machines 2", "--machines 3"].map(failing), [2, 1, 0]);
});

Deno.test("pipelineFindings() lets as many parallel steps be served as runners can, in whatever order", () => {
  const sets = fc.array(fc.subarray(["a", "b", "c"]), { minLength: 1, maxLength: 4 });
  fc.assert(fc.property(sets, sets, (runners, steps) => {
    const text = pipeline(
      `parallel: [${runners.map((labels) => `{ ${start(`--label x,${labels.join(",")}`)} }`).join(", ")}]`,
      `parallel: [${steps.map((labels) => `{ ${use("B", [SHELL, ...labels].join(", "))} }`).join(", ")}]`,
    );
    const failed = found(text).filter((one) => one.includes(" fail ")).length;
    assert.equal(steps.length - failed, mostServed(runners, steps), text);
  }));
});

/** Tries every way to give steps to runners. */
function mostServed(runners: readonly string[][], [step, ...others]: readonly string[][]): number {
  if (step === undefined) return 0;
  const served = runners.map((labels, index) =>
    step.every((label) => labels.includes(label)) ? 1 + mostServed(runners.toSpliced(index, 1), others) : 0
  );
  return Math.max(mostServed(runners, others), ...served);
}

Deno.test("pipelineFindings() ends, and points into the file, whatever is cut from a file or doubled in it", () => {
  const texts = [...recipePipelines().values(), Deno.readTextFileSync(DOCKER_MONOREPO)];
  const cut = fc.tuple(fc.constantFrom(...texts), fc.nat(4000), fc.nat(40), fc.boolean());
  fc.assert(
    fc.property(cut, ([text, from, length, doubles]) => {
      const start = from % text.length;
      const broken = text.slice(0, doubles ? start + length : start) +
        text.slice(doubles ? start : start + length);
      const file = readPipelines(broken);
      const lines = broken.split("\n");
      for (const { line, column } of [...file.problems, ...pipelineFindings(file, DEFAULTS)]) {
        assert.ok(
          column >= 1 && column <= (lines[line - 1] ?? "").length + 1,
          `${line}:${column} of\n${broken}`,
        );
      }
    }),
    { numRuns: 200 },
  );
});

Deno.test("pipelineFindings() does not play pipelines longer than Bitbucket takes", () => {
  assert.deepEqual(found(pipeline(...Array.from({ length: 101 }, () => use()))), [
    "2:3 fail There are 101 steps in the default pipeline, but Bitbucket takes 100 => Make several pipelines of it, or join steps",
  ]);
});

/** The pipelines of a page; a mere list of steps counts as one. */
function pipelinesOf(page: string): string[] {
  const text = Deno.readTextFileSync(new URL(`../../../${page}`, import.meta.url));
  if (page.endsWith(".yml")) return [text];
  const [steps = ""] = text.slice(text.indexOf("    - step:")).split("\n\n");
  return page.endsWith(".txt")
    ? [`pipelines:\n  default:\n${steps}`]
    : codeBlocks(text, "yaml").filter((block) => /^pipelines:/m.test(block));
}

for (const [section, text] of recipePipelines()) {
  Deno.test(`pipelineFindings() finds nothing to fail in the recipe «${section}»`, () => {
    assert.deepEqual(found(text).filter((one) => one.includes(" fail ")), []);
  });
}

const PAGES = [
  "README.md",
  "agent/README.md",
  "scripts/demo/bitbucket-pipelines.yml",
  "tests/fixtures/help/start.txt",
];
for (const page of PAGES) {
  Deno.test(`pipelineFindings() has nothing to say of the pipelines in ${page}`, () => {
    const pipelines = pipelinesOf(page);
    assert.ok(pipelines.length > 0);
    for (const text of pipelines) {
      assert.match(text, /start-runner/);
      assert.deepEqual(found(text), []);
    }
  });
}
