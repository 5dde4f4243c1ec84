import {
  type FindingCase,
  pipeline,
  SHELL,
  start,
  step,
  tryFindings,
  use,
} from "../../../fixtures/pipelines/pipeline_text.ts";

const CASES: readonly FindingCase[] = [
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
];

tryFindings(CASES);
