import assert from "node:assert/strict";
import { accessConfig } from "../../../cli/options/access_config.ts";

const ROLE = "arn:aws:iam::123456789012:role/start-runner";
const PLACE = { CODEBUILD_PROJECT: "ci", AWS_REGION: "eu-west-1" };

Deno.test("`accessConfig()` takes the role with the step's token, and neither on a laptop", () => {
  const step = accessConfig({ role: ROLE }, {
    ...PLACE,
    BITBUCKET_STEP_OIDC_TOKEN: "token",
    BITBUCKET_BUILD_NUMBER: "7",
  });
  assert.deepEqual(step.config.webIdentity, { roleArn: ROLE, token: "token" });
  assert.equal(step.config.inPipeline, true);
  const laptop = accessConfig({ role: ROLE }, PLACE);
  assert.equal(laptop.config.webIdentity, undefined);
  assert.equal(laptop.config.inPipeline, false);
  assert.deepEqual([...step.problems, ...laptop.problems], []);
});

Deno.test("`accessConfig()` reports all that is missing", () => {
  assert.equal(accessConfig({}, {}).problems.length, 2);
});
