import assert from "node:assert/strict";
import {
  HANDED_ON_VARIABLES,
  ownerOfVariable,
  SET_VARIABLES,
} from "../../../shared/settings/forwarded_variables.ts";

Deno.test("`ownerOfVariable()` protects what belongs to Bitbucket, the agent and CodeBuild", () => {
  for (const name of ["CI", "BITBUCKET_COMMIT", "BITBUCKET_STEP_OIDC_TOKEN", "PIPELINES_JWT_TOKEN"]) {
    assert.equal(ownerOfVariable(name), "Bitbucket Pipelines", name);
  }
  for (const name of [...HANDED_ON_VARIABLES, ...SET_VARIABLES]) {
    assert.equal(ownerOfVariable(name), "the agent", name);
  }
  assert.equal(ownerOfVariable("CODEBUILD_SRC_DIR"), "CodeBuild");
});

Deno.test("`ownerOfVariable()` leaves all other names to the user", () => {
  for (const name of ["NODE_ENV", "BITBUCKET_DEPLOY_KEY", "AWS_REGION", "RUNNER"]) {
    assert.equal(ownerOfVariable(name), undefined, name);
  }
});
