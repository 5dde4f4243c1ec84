import assert from "node:assert/strict";
import { startCalls } from "../../../../cli/pipelines/findings/start_calls.ts";
import { stepsOfItem } from "../../../../cli/pipelines/pipeline_model.ts";
import { readPipelines } from "../../../../cli/pipelines/pipelines_file.ts";

function given(script: readonly string[], image = "alpine") {
  const text = JSON.stringify({ pipelines: { default: [{ step: { image, script } }] } });
  return readPipelines(text).pipelines.flatMap(({ items }) => items).flatMap(stepsOfItem)
    .flatMap(startCalls).map((call) => call.given);
}

const SHELL_IMAGE = "ghcr.io/westito/aws-bitbucket-runner-shell:1.0.0";

/** A script, and what each start in it is given. */
const CALLS: readonly (readonly [readonly string[], readonly object[]])[] = [
  [["start-runner"], [{}]],
  [["make"], []],
  [["start-runner start --label a"], [{ labels: "a" }]],
  [["start-runner --label=a,b --multi-step"], [{ labels: "a,b", multiStep: "true" }]],
  [["start-runner --multi-step false --runner-type docker"], [{ multiStep: "false", runnerType: "docker" }]],
  [["start-runner --multi-step --compute-type large"], [{ multiStep: "true", computeType: "large" }]],
  [["start-runner --multi-step=$STAY"], [{ multiStep: "$STAY" }]],
  [["start-runner --runners auto --machines 2"], [{ runners: "auto", machines: "2" }]],
  [["RUNNER_COUNT=$N RUNNER_MACHINES=3 start-runner"], [{ runners: "$N", machines: "3" }]],
  [["RUNNER_LABEL=a start-runner"], [{ labels: "a" }]],
  [["RUNNER_LABEL=a start-runner --label b"], [{ labels: "b" }]],
  [["RUNNER_LABEL=a make", "start-runner"], [{}]],
  [["export RUNNER_LABEL=a MULTI_STEP=1", "start-runner"], [{ labels: "a", multiStep: "1" }]],
  [["start-runner", "export RUNNER_LABEL=a"], [{}]],
  [["export RUNNER_LABEL=a", "start-runner", "RUNNER_LABEL=b", "start-runner"], [{ labels: "a" }, {
    labels: "b",
  }]],
  [["if true; then ./bin/start-runner --label a; fi"], [{ labels: "a" }]],
  [["timeout 900 start-runner --label a || exit 1"], [{ labels: "a" }]],
  [["set -e\nstart-runner \\\n  --label a # big\n"], [{ labels: "a" }]],
  [[
    "start-runner --help",
    "start-runner -V",
    "start-runner --dry-run",
    "start-runner doctor",
    "start-runner list",
  ], []],
  [["echo start-runner", "which start-runner", "# start-runner"], []],
];
for (const [script, expected] of CALLS) {
  Deno.test(`startCalls() reads ${JSON.stringify(script)}`, () => assert.deepEqual(given(script), expected));
}

Deno.test("startCalls() knows the runner's type by the image, unless the script says otherwise", () => {
  assert.deepEqual(given(["start-runner"], SHELL_IMAGE), [{ runnerType: "shell" }]);
  assert.deepEqual(given(["start-runner"], SHELL_IMAGE.replace("shell", "docker")), [{
    runnerType: "docker",
  }]);
  assert.deepEqual(given(["start-runner --runner-type docker"], SHELL_IMAGE), [{ runnerType: "docker" }]);
});

Deno.test("startCalls() takes a step with an image of our own for a start, if the script does not show one", () => {
  assert.deepEqual(given(["ci/start.sh"], SHELL_IMAGE), [{ runnerType: "shell" }]);
  assert.deepEqual(given(["start-runner doctor"], SHELL_IMAGE), []);
  assert.deepEqual(given(["ci/start.sh"], "acme/not-aws-bitbucket-runner-shell-at-all"), []);
});
