import assert from "node:assert/strict";
import { nextSteps, planLines } from "../../../cli/templates/plan_lines.ts";
import { INSTALLATION } from "./sample_installation.ts";

Deno.test("`planLines()` names everything that will be made", () => {
  assert.deepEqual(planLines(INSTALLATION), [
    "In account 123456789012, region eu-west-1:",
    "- identity provider api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc",
    "- role start-runner, for steps of 1 repository of acme: may start, watch and stop builds of ci",
    "- role ci-build, for builds of ci: may write the log and read the secret",
    "- log group /aws/codebuild/ci, kept 30 days",
    "- secret bitbucket-runner for BITBUCKET_OAUTH_CLIENT_ID and BITBUCKET_OAUTH_CLIENT_SECRET; its value goes in afterwards",
    "- CodeBuild project ci: aws/codebuild/amazonlinux-x86_64-standard:5.0, BUILD_GENERAL1_MEDIUM, privileged for Docker",
    "- dashboard ci over what --metrics writes",
  ]);
});

Deno.test("`planLines()` names nothing that will not be made", () => {
  const repositories = [...INSTALLATION.repositories, { uuid: "{2}" }];
  const lines = planLines({
    ...INSTALLATION,
    repositories,
    providerExists: true,
    credentials: "runner",
    runnerTypes: ["shell"],
    dashboard: false,
  }).join("\n");
  assert.doesNotMatch(lines, /secret|privileged|dashboard/);
  assert.match(lines, /oidc: there already, left as it is/);
  assert.match(lines, /for steps of 2 repositories of acme/);
});

Deno.test("`planLines()` says where somebody may look into builds", () => {
  const [, , , role] = planLines({ ...INSTALLATION, debug: true });
  assert.match(role ?? "", /may write the log and read the secret, and open sessions to look into a build$/);
});

Deno.test("`nextSteps()` gives Bitbucket's variables, and how the secret gets its value where it has none", () => {
  const steps = nextSteps(INSTALLATION, false).join("\n");
  assert.match(steps, /^Put \{"key": "…", "secret": "…"\} into a file credentials\.json/);
  assert.match(steps, /--secret-id bitbucket-runner --secret-string file:\/\/credentials\.json$/m);
  assert.match(
    steps,
    /^ {2}CODEBUILD_PROJECT=ci\n {2}CODEBUILD_REGION=eu-west-1\n {2}AWS_ROLE_ARN=\S+:role\/start-runner\n/m,
  );
  assert.match(steps, /start-runner doctor --project ci --region eu-west-1$/);
  assert.doesNotMatch(nextSteps(INSTALLATION, true).join("\n"), /put-secret-value/);
});

Deno.test("`nextSteps()` asks for secured variables where the credential is in the pipelines", () => {
  const steps = nextSteps({ ...INSTALLATION, credentials: "runner" }, false).join("\n");
  assert.match(steps, /RUNNER_CREDENTIALS=runner\nand, as secured variables, the Bitbucket credentials/);
  assert.doesNotMatch(steps, /put-secret-value/);
});
