import assert from "node:assert/strict";
import { misspeltVariables } from "../../../cli/options/misspelt_variables.ts";
import { startFakeAws } from "../../fixtures/servers/fake_aws.ts";
import { runInProcess, stepEnvironment } from "../../fixtures/programs/start_runner.ts";

const MEANT = [
  ["CODEBUILD_COMPUTETYPE", "CODEBUILD_COMPUTE_TYPE"],
  ["CODEBUILD_PROJCT", "CODEBUILD_PROJECT"],
  ["RUNNER_LABELS", "RUNNER_LABEL"],
  ["BITBUCKET_ACCES_TOKEN", "BITBUCKET_ACCESS_TOKEN"],
  ["STARTUP_TIME_OUT", "STARTUP_TIMEOUT"],
  ["MULTISTEP", "MULTI_STEP"],
] as const;

Deno.test("`misspeltVariables()` names the variable that was meant", () => {
  for (const [typed, meant] of MEANT) {
    assert.deepEqual(misspeltVariables({ [typed]: "x" }), [`Nothing reads ${typed}: did you mean ${meant}?`]);
  }
});

Deno.test("`misspeltVariables()` leaves alone what is read, what others set, and what is like nothing", () => {
  const others = [
    ...["BITBUCKET_REPO_OWNER", "BITBUCKET_STEP_RUN_NUMBER", "BITBUCKET_TAG", "BITBUCKET_PACKAGES_TOKEN"],
    ...["CODEBUILD_BUILD_ID", "CODEBUILD_ENV_LABEL", "CODEBUILD_SRC_DIR", "RUNNER_UUID", "PATH", "CI"],
    ...["AWS_ROLE_SESSION_NAME", "RUNNER_TEMP", "MULTIARCH"],
  ];
  const env = Object.fromEntries(others.map((name) => [name, "x"]));
  assert.deepEqual(misspeltVariables({ ...stepEnvironment({ url: "" }), ...env }), []);
});

Deno.test("a start warns of a misspelt variable, and goes on", async () => {
  await using aws = startFakeAws();
  const { code, stderr } = await runInProcess(stepEnvironment(aws, { CODEBUILD_COMPUTETYPE: "large" }));
  assert.equal(code, 0, stderr);
  assert.match(stderr, /warning: Nothing reads CODEBUILD_COMPUTETYPE: did you mean CODEBUILD_COMPUTE_TYPE\?/);
});
