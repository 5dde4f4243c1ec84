import assert from "node:assert/strict";
import { agentVariables, ownerOfVariable } from "../../../shared/settings/forwarded_variables.ts";

Deno.test("`ownerOfVariable()` protects what belongs to Bitbucket, the agent and CodeBuild", () => {
  for (const name of ["CI", "BITBUCKET_COMMIT", "BITBUCKET_STEP_OIDC_TOKEN", "PIPELINES_JWT_TOKEN"]) {
    assert.equal(ownerOfVariable(name), "Bitbucket Pipelines", name);
  }
  for (const name of agentVariables()) {
    assert.equal(ownerOfVariable(name), "the agent", name);
  }
  assert.equal(ownerOfVariable("CODEBUILD_SRC_DIR"), "CodeBuild");
});

Deno.test("`ownerOfVariable()` leaves all other names to the user", () => {
  for (
    const name of [
      "NODE_ENV",
      "BITBUCKET_DEPLOY_KEY",
      "AWS_REGION",
      "RUNNER",
      "HTTPS_PROXY",
      "GIT_AUTHOR_NAME",
      "DOCKER_BUILDKIT",
      "NODE_ENV",
      "NODE_AUTH_TOKEN",
      "MY_PATH",
    ]
  ) {
    assert.equal(ownerOfVariable(name), undefined, name);
  }
});

Deno.test("`ownerOfVariable()` keeps what decides which code runs in a build to the project", () => {
  const names = [
    ...["PATH", "LD_PRELOAD", "LD_LIBRARY_PATH", "BASH_ENV", "ENV", "IFS", "JAVA_TOOL_OPTIONS", "JAVA_HOME"],
    ...["ZDOTDIR", "PYTHONBREAKPOINT", "PYTHONWARNINGS", "LUA_INIT_5_4", "AWKPATH"],
    ...[
      "NODE_OPTIONS",
      "NODE_EXTRA_CA_CERTS",
      "DENO_CERT",
      "CURL_CA_BUNDLE",
      "SSL_CERT_FILE",
      "GIT_SSH_COMMAND",
    ],
    ...["DOCKER_HOST", "DOCKER_CONFIG", "CLONE_IMAGE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_KMS"],
    ...[
      "TAR_OPTIONS",
      "GZIP",
      "XDG_CONFIG_HOME",
      "LOCPATH",
      "HOSTALIASES",
      "NODE_USE_ENV_PROXY",
      "PYTHONUSERBASE",
    ],
    ...["OAUTH_CLIENT_SECRET", "WORKING_DIRECTORY", "ld_preload", "BASH_FUNC_curl%%"],
  ];
  for (const name of names) assert.match(ownerOfVariable(name) ?? "", /^the CodeBuild project/, name);
});
