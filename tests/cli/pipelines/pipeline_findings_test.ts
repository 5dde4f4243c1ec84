import assert from "node:assert/strict";
import { pipelineFindings, type StartDefaults } from "../../../cli/pipelines/pipeline_findings.ts";
import { readPipelines } from "../../../cli/pipelines/pipelines_file.ts";
import { codeBlocks } from "../../fixtures/markdown.ts";
import { recipePipelines } from "../../fixtures/recipe_page.ts";

const DEFAULTS: StartDefaults = { runnerType: "shell", userLabels: [], multiStep: false, arch: undefined };

/** A file of one pipeline; each step is one line, from line 3 on, and its keys begin at column 14. */
function pipeline(...items: readonly string[]): string {
  return ["pipelines:", "  default:", ...items.map((item) => `    - ${item}`)].join("\n");
}
const step = (keys: string) => `step: { ${keys} }`;
const start = (flags = "", more = "") =>
  step(`name: Start, oidc: true, script: ["start-runner${flags === "" ? "" : ` ${flags}`}"]${more}`);
const SHELL = "self.hosted, linux.shell, codebuild";
const use = (name = "Build", labels = SHELL, more = "") =>
  step(`name: ${name}, runs-on: [${labels}], script: [make]${more}`);

/** Findings as `line:column severity message`, with the remedy. */
function found(text: string, defaults: Partial<StartDefaults> = {}): string[] {
  const file = readPipelines(text);
  assert.deepEqual(file.problems.filter(({ severity }) => severity === "error"), []);
  return pipelineFindings(file, { ...DEFAULTS, ...defaults }).map((one) =>
    `${one.line}:${one.column} ${one.severity} ${one.message} => ${one.remedy}`
  );
}

interface Case {
  readonly what: string;
  readonly file: string;
  readonly defaults?: Partial<StartDefaults>;
  readonly expected: readonly string[];
}

const CASES: readonly Case[] = [
  {
    what: "a start without an OIDC token",
    file: pipeline(step("name: Start, script: [start-runner]"), use()),
    expected: [
      "3:7 fail Step «Start» calls start-runner, but has no OIDC token to take on its role with => Write «oidc: true» in this step",
    ],
  },
  {
    what: "a start whose OIDC token is switched off",
    file: pipeline(step("name: Start, oidc: false, script: [start-runner]"), use()),
    expected: [
      "3:28 fail Step «Start» calls start-runner, but has no OIDC token to take on its role with => Write «oidc: true» in this step",
    ],
  },
  {
    what: "an image of our own without an OIDC token",
    file: pipeline(
      step('name: Start, image: "ghcr.io/westito/aws-bitbucket-runner-shell:1.0.0", script: [ci/start.sh]'),
      use(),
    ),
    expected: [
      "3:7 fail Step «Start» calls start-runner, but has no OIDC token to take on its role with => Write «oidc: true» in this step",
    ],
  },
  {
    what: "a first step that waits for a person",
    file: pipeline(start("", ", trigger: manual"), use()),
    expected: [
      "3:75 fail The first step of the default pipeline has a manual trigger, which Bitbucket refuses => Take «trigger: manual» away, or make it a custom pipeline, which a person starts",
    ],
  },
  {
    what: "illegal labels of a start",
    file: pipeline(start("--label Big_One,linux.big"), use()),
    expected: [
      "3:49 fail Label «Big_One» has other characters than lowercase letters, digits and dots => Give --label or RUNNER_LABEL labels of lowercase letters, digits and single dots, as in size.large",
      "3:49 fail Label «linux.big» begins with one of the words that Bitbucket reserves (bitbucket, atlassian, linux, windows, macos) => Give --label or RUNNER_LABEL labels of lowercase letters, digits and single dots, as in size.large",
    ],
  },
  {
    what: "too many labels of a start",
    file: pipeline(start("--label a,b,c,d,e,f,g,h,i"), use()),
    expected: [
      "3:49 fail There are 9 labels, but Bitbucket takes 10 custom labels and up to 2 are used already => Give --label or RUNNER_LABEL labels of lowercase letters, digits and single dots, as in size.large",
    ],
  },
  {
    what: "an unknown runner type",
    file: pipeline(start("--runner-type podman"), use()),
    expected: [
      "3:49 fail There is no runner type «podman» => Write --runner-type shell or --runner-type docker",
    ],
  },
  {
    what: "an illegal label in runs-on",
    file: pipeline(start(), use("Build", `${SHELL}, my-label`)),
    expected: [
      "4:75 fail Step «Build» asks for a label that no runner may have: Label «my-label» has other characters than lowercase letters, digits and dots => Use lowercase letters, digits and single dots, in runs-on and in --label alike",
    ],
  },
  {
    what: "a variable in runs-on",
    file: pipeline(start("--label $KIND"), use("Build", `${SHELL}, $KIND`)),
    expected: [
      "4:75 fail Step «Build» asks for the label «$KIND»: variables do not work in runs-on => Write the label out, as in size.large",
    ],
  },
  {
    what: "a misspelt system label",
    file: pipeline(start(), use("Build", "self.hosted, linux.shel, codebuild")),
    expected: [
      "4:51 fail Step «Build» asks for the label «linux.shel», which no runner may have => Did you mean «linux.shell»?",
    ],
  },
  {
    what: "runs-on without self.hosted",
    file: pipeline(start(), use("Build", "linux.shell, codebuild")),
    expected: [
      "4:37 warning Step «Build» does not ask for «self.hosted» => Write runs-on: [self.hosted, linux.shell, codebuild]",
    ],
  },
  {
    what: "a misspelt self.hosted",
    file: pipeline(start(), use("Build", "self-hosted, linux.shell, codebuild")),
    expected: [
      "4:38 fail Step «Build» does not ask for «self.hosted», but for «self-hosted» => Write runs-on: [self.hosted, linux.shell, codebuild]",
    ],
  },
  {
    what: "a step for Docker runners where a shell runner is started",
    file: pipeline(start(), use("Build", "self.hosted, codebuild")),
    expected: [
      "4:37 fail Step «Build» is for a Linux Docker runner, by its labels [self.hosted, codebuild], but step «Start» starts a shell runner => Write runs-on: [self.hosted, linux.shell, codebuild], or start-runner --runner-type docker",
    ],
  },
  {
    what: "a step for shell runners where a Docker runner is started",
    file: pipeline(start("--runner-type docker --environment-type LINUX_CONTAINER"), use()),
    expected: [
      "4:37 fail Step «Build» is for a Linux shell runner, by its labels [self.hosted, linux.shell, codebuild], but step «Start» starts a docker runner => Write runs-on: [self.hosted, linux, codebuild], or start-runner --runner-type shell",
    ],
  },
  {
    what: "a label that the runner lacks",
    file: pipeline(start("--label size.small"), use("Build", `${SHELL}, gpu`)),
    expected: [
      "4:75 fail Step «Build» asks for «gpu», which no runner started before it has => Write runs-on: [self.hosted, linux.shell, codebuild, size.small], or start-runner --label size.small,gpu in step «Start»",
    ],
  },
  {
    what: "a label with a typing error",
    file: pipeline(start("--label size.small"), use("Build", `${SHELL}, size.smal`)),
    expected: [
      "4:75 fail Step «Build» asks for «size.smal», which no runner started before it has => Did you mean «size.small»?",
    ],
  },
  {
    what: "another architecture",
    file: pipeline(start("--environment-type LINUX_CONTAINER"), use("Build", `${SHELL}, arm64`)),
    expected: [
      "4:75 fail Step «Build» asks for «arm64», which no runner started before it has => Start it on that architecture (--image, --environment-type), or write runs-on: [self.hosted, linux.shell, codebuild]",
    ],
  },
  {
    what: "more steps than runners",
    file: pipeline(start(), use("Build"), use("Test")),
    expected: [
      "5:7 fail Step «Test» finds no runner: the one runner started before it will have served another step and left => Put one more start-runner step before it, or keep the runner: start-runner --multi-step",
    ],
  },
  {
    what: "more parallel steps than runners",
    file: pipeline(start(), `parallel: [{ ${use("A")} }, { ${use("B")} }]`),
    expected: [
      "4:107 fail Step «B» finds no runner: the one runner started before it will have served another step and left => Put one more start-runner step before it, or keep the runner: start-runner --multi-step",
    ],
  },
  {
    what: "parallel steps for one runner that stays",
    file: pipeline(start("--multi-step"), `parallel: [{ ${use("A")} }, { ${use("B")} }]`),
    expected: [
      "4:20 warning Step «A», Step «B» are parallel, but have one runner: they run one after the other => For several machines at once, start as many runners in a parallel before them",
    ],
  },
  {
    what: "a step that begins together with its start",
    file: pipeline(`parallel: [{ ${start()} }, { ${use("A")} }]`),
    expected: [
      "3:85 fail Step «A» begins together with the one that starts its runner, step «Start» => Put step «Start» before that parallel: while no runner is online, a step fails at once",
    ],
  },
  {
    what: "a step before its start",
    file: pipeline(use("A"), start()),
    expected: [
      "3:7 fail Step «A» begins before the one that starts its runner, step «Start» => Put step «Start» before it: while no runner is online, a step fails at once",
    ],
  },
  {
    what: "a pipeline that starts nothing",
    file: pipeline(use("A")),
    expected: [
      "3:7 fail Nothing in the default pipeline starts a runner before step «A» => Put a step before it that calls start-runner",
    ],
  },
  {
    what: "a pipeline that starts nothing, whose runner may be there anyway",
    file: pipeline(use("A", "self.hosted, linux")),
    expected: [
      "3:7 warning Nothing in the default pipeline starts a runner before step «A» => Put a step before it that calls start-runner, unless a runner with these labels is always there",
    ],
  },
  {
    what: "a gate between the start and the step",
    file: pipeline(start("--multi-step"), step("name: Ask, trigger: manual, script: [echo]"), use("Release")),
    expected: [
      "5:7 fail Step «Release» finds no runner: it leaves when the pipeline waits at the manual «Ask» => Start the runner behind the gate: make a start-runner step the manual one, and this step the next",
    ],
  },
  {
    what: "a manual step that is served by a runner from before",
    file: pipeline(start(), use("Release", SHELL, ", trigger: manual")),
    expected: [
      "4:7 fail Step «Release» finds no runner: it leaves when the pipeline waits at the manual «Release» => Start the runner behind the gate: make a start-runner step the manual one, and this step the next",
    ],
  },
  {
    what: "a stage that waits for a person",
    file: pipeline(
      start("--multi-step"),
      `stage: { name: Live, trigger: manual, steps: [{ ${use("Release")} }] }`,
    ),
    expected: [
      "4:55 fail Step «Release» finds no runner: it leaves when the pipeline waits at the manual «Live» => Start the runner behind the gate: make a start-runner step the manual one, and this step the next",
    ],
  },
  {
    what: "Docker's cache on a runner",
    file: pipeline(start(), use("Build", SHELL, ", caches: [node, docker]")),
    expected: [
      "4:107 warning Step «Build» has the cache «docker», which does nothing on a self-hosted runner => Cache layers in a registry: docker buildx build --cache-from type=registry,… --cache-to type=registry,…",
    ],
  },
  {
    what: "Docker's cache in runtime version 3",
    file: pipeline(step('script: [make], caches: [docker], runtime: { cloud: { version: "3" } }')),
    expected: [
      "3:40 warning Step «Step 1» has the cache «docker», which does nothing in runtime version 3 => Cache layers in a registry: docker buildx build --cache-from type=registry,… --cache-to type=registry,…",
    ],
  },
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
    what: "labels under options, which the start gets too",
    file: `options: { runs-on: [${SHELL}] }\n${pipeline(start(), step("name: Build, script: [make]"))}`,
    expected: [
      "1:21 fail Step «Start» starts a runner, but needs one itself: it is self-hosted by [self.hosted, linux.shell, codebuild] => Let this step run in Bitbucket's cloud: ask for labels in the steps that need them, not under options",
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
for (const { what, file, defaults, expected } of CASES) {
  Deno.test(`pipelineFindings() tells of ${what}`, () => assert.deepEqual(found(file, defaults), expected));
}

const FINE: readonly Omit<Case, "expected">[] = [
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
    what: "steps that fit in one order only",
    file: pipeline(
      `parallel: [{ ${start("--label a,b")} }, { ${start("--label b")} }]`,
      `parallel: [{ ${use("B", `${SHELL}, b`)} }, { ${use("A", `${SHELL}, a`)} }]`,
    ),
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
  "cli/README.md",
  "agent/README.md",
  "scripts/demo/bitbucket-pipelines.yml",
  "tests/fixtures/start_runner_help.txt",
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
