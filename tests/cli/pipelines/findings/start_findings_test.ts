import {
  type FindingCase,
  pipeline,
  start,
  step,
  tryFindings,
  use,
} from "../../../fixtures/pipelines/pipeline_text.ts";

const CASES: readonly FindingCase[] = [
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
    what: "a start on a condition",
    file: pipeline(start("", ", condition: { changesets: { includePaths: [a] } }"), use()),
    expected: [
      "3:66 warning Step «Start» starts a runner only on a condition: whoever needs it fails where the condition does not hold => Give the steps that run on it the same condition",
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
    what: "no placeholder of a start's labels, unless there is none of that name",
    file: pipeline(start("--label app.{branch},{commit},{pipeline},x.{tag}"), use()),
    expected: [
      "3:49 fail Label «x.{tag}» has «{tag}», but there are only {pipeline}, {commit} and {branch} => Give --label or RUNNER_LABEL labels of lowercase letters, digits and single dots, as in size.large",
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
    what: "numbers of runners and machines that there are not",
    file: pipeline(start("--runners 33 --machines 0"), use()),
    expected: [
      "3:49 fail There is «33» for --runners or RUNNER_COUNT => Give a whole number of runners from 1 to 32, or auto",
      "3:49 fail There is «0» for --machines or RUNNER_MACHINES => Give a whole number of machines from 1 to 50",
    ],
  },
  {
    what: "an unknown runner type",
    file: pipeline(start("--runner-type podman"), use()),
    expected: [
      "3:49 fail There is no runner type «podman» => Write --runner-type shell or --runner-type docker",
    ],
  },
];

tryFindings(CASES);
