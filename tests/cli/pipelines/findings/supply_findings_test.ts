import {
  type FindingCase,
  pipeline,
  SHELL,
  start,
  step,
  tryFindings,
  use,
} from "../../../fixtures/pipelines/pipeline_text.ts";

function parallel(...names: readonly string[]): string {
  return `parallel: [${names.map((name) => `{ ${use(name)} }`).join(", ")}]`;
}

const CASES: readonly FindingCase[] = [
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
    what: "labels that placeholders may come to, and that none comes to",
    file: pipeline(
      start("--multi-step --label {commit},app.{branch}"),
      use("A", `${SHELL}, "\${{BITBUCKET_COMMIT}}"`),
      use("B", `${SHELL}, app.main`),
      use("C", `${SHELL}, ${"0123456789".repeat(4)}`),
      use("D", `${SHELL}, web.main`),
    ),
    expected: [
      "7:71 fail Step «D» asks for «web.main», which no runner started before it has => Write runs-on: [self.hosted, linux.shell, codebuild], or start-runner --label {commit},app.{branch},web.main in step «Start»",
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
      "5:7 fail Step «Test» finds no runner: the one runner started before it will have served another step and left => Put one more start-runner step before it, start more at once (--runners, --machines), or keep the runner: start-runner --multi-step",
    ],
  },
  {
    what: "more parallel steps than runners",
    file: pipeline(start(), `parallel: [{ ${use("A")} }, { ${use("B")} }]`),
    expected: [
      "4:107 fail Step «B» finds no runner: the one runner started before it will have served another step and left => Put one more start-runner step before it, start more at once (--runners, --machines), or keep the runner: start-runner --multi-step",
    ],
  },
  {
    what: "parallel steps for one runner that stays",
    file: pipeline(start("--multi-step"), `parallel: [{ ${use("A")} }, { ${use("B")} }]`),
    expected: [
      "4:20 warning Step «A», Step «B» are parallel, but have one runner: they run one after the other => Start as many: start-runner --runners 2 for one machine, or --machines for several",
    ],
  },
  {
    what: "parallel steps for fewer runners of one start",
    file: pipeline(start("--runners 2"), parallel("A", "B", "C")),
    expected: [
      "4:194 fail Step «C» finds no runner: all 2 runners started before it will have served another step and left => Put one more start-runner step before it, start more at once (--runners, --machines), or keep the runner: start-runner --multi-step",
    ],
  },
  {
    what: "parallel steps for fewer runners that stay",
    file: pipeline(start("--runners 2 --multi-step"), parallel("A", "B", "C")),
    expected: [
      "4:20 warning Step «A», Step «B», Step «C» are parallel, but have 2 runners: they run one after the other => Start as many: start-runner --runners 3 for one machine, or --machines for several",
    ],
  },
  {
    what: "runners for which there is no step",
    file: pipeline(start("--runners 4"), parallel("A", "B"), use("C")),
    expected: [
      "3:49 warning Step «Start» starts 4 runners, but there is a step for no more than 3 of them => Start fewer (--runners, --machines), or have them counted with --runners auto: whoever gets no step keeps its machine until the pipeline is over",
    ],
  },
  {
    what: "runners that stay and are never at work at once",
    file: pipeline(start("--runners=2 --machines=50 --multi-step"), parallel("A", "B", "C"), use("D")),
    expected: [
      "3:49 warning Step «Start» starts 100 runners, but there is work for no more than 3 of them at once => Start fewer (--runners, --machines), or have them counted with --runners auto: whoever gets no step keeps its machine until the pipeline is over",
    ],
  },
  {
    what: "several runners for steps of another kind",
    file: pipeline(start("--runners 2"), start("--label gpu --machines 2"), use("A", `${SHELL}, gpu`)),
    expected: [
      "3:49 warning Step «Start» starts 2 runners, but there is a step for none of them => Start fewer (--runners, --machines), or have them counted with --runners auto: whoever gets no step keeps its machine until the pipeline is over",
      "4:49 warning Step «Start» starts 2 runners, but there is a step for no more than 1 of them => Start fewer (--runners, --machines), or have them counted with --runners auto: whoever gets no step keeps its machine until the pipeline is over",
    ],
  },
  {
    what: "steps after those that were counted for runners that leave",
    file: pipeline(start("--runners auto"), parallel("A", "B"), use("C")),
    expected: [
      "5:7 fail Step «C» finds no runner: all 2 runners started before it will have served another step and left => Put one more start-runner step before it, start more at once (--runners, --machines), or keep the runner: start-runner --multi-step",
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
    what: "a step behind a gate whose runner has served another before it",
    file: pipeline(start(), use("Build"), use("Release", SHELL, ", trigger: manual")),
    expected: [
      "5:7 fail Step «Release» finds no runner: it leaves when the pipeline waits at the manual «Release» => Start the runner behind the gate: make a start-runner step the manual one, and this step the next",
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
    what: "labels under options, which the start gets too",
    file: `options: { runs-on: [${SHELL}] }\n${pipeline(start(), step("name: Build, script: [make]"))}`,
    expected: [
      "1:21 fail Step «Start» starts a runner, but needs one itself: it is self-hosted by [self.hosted, linux.shell, codebuild] => Let this step run in Bitbucket's cloud: ask for labels in the steps that need them, not under options",
    ],
  },
];

tryFindings(CASES);
