import assert from "node:assert/strict";
import { type AwsCall, type Fault, startFakeAws } from "../../fixtures/servers/fake_aws.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";
import { runInProcess, runProcess, stepEnvironment } from "../../fixtures/programs/start_runner.ts";

const REFUSALS: readonly (readonly [AwsCall, string, number, number, RegExp])[] = [
  [
    "AssumeRoleWithWebIdentity",
    "AccessDenied",
    403,
    3,
    /hint: see that there is a role arn:aws:iam::123456789012:role.*its trust policy must allow/,
  ],
  [
    "AssumeRoleWithWebIdentity",
    "InvalidIdentityToken",
    400,
    3,
    /hint: add the IAM identity provider https:\/\/api\.bit/,
  ],
  ["AssumeRoleWithWebIdentity", "ExpiredTokenException", 400, 3, /hint: .*run the step again/],
  ["AssumeRoleWithWebIdentity", "IDPRejectedClaim", 403, 3, /hint: .*expired or was revoked/],
  ["AssumeRoleWithWebIdentity", "RegionDisabledException", 403, 3, /hint: activate STS in region eu-west-1/],
  ["AssumeRoleWithWebIdentity", "MalformedPolicyDocument", 400, 3, /hint: check --role/],
  ["AssumeRoleWithWebIdentity", "IDPCommunicationError", 400, 4, /hint: run the step again/],
  [
    "StartBuild",
    "AccessDeniedException",
    400,
    3,
    /hint: allow codebuild:StartBuild on arn:aws:codebuild:eu-west-1.*they must name every variable and override/,
  ],
  ["StartBuild", "UnrecognizedClientException", 400, 3, /hint: check the AWS credentials/],
  ["StartBuild", "ExpiredTokenException", 400, 3, /hint: the AWS credentials have expired/],
  ["StartBuild", "ResourceNotFoundException", 400, 4, /hint: check --project and --region/],
  [
    "StartBuild",
    "InvalidInputException",
    400,
    4,
    /hint: check --image, --environment-type and --compute-type/,
  ],
  ["BatchGetBuilds", "AccessDeniedException", 400, 3, /hint: allow codebuild:BatchGetBuilds/],
];
Deno.test("`start()` tells refusals from what it cannot start, with a hint for each", async () => {
  await Promise.all(REFUSALS.map(async ([call, error, status, code, hint]) => {
    await using aws = startFakeAws({ lasting: { [call]: { error, status } } });
    const env = stepEnvironment(aws, { BITBUCKET_STEP_OIDC_TOKEN: stepToken(600) });
    const run = await runInProcess(env, { speed: 10 });
    assert.equal(run.code, code, `${error} at ${call}: ${run.stderr}`);
    const message = `^error: Cannot call ${call}: .*${error}(Exception)?: what AWS has to say`;
    assert.match(run.stderr, new RegExp(message, "m"));
    assert.match(run.stderr, hint);
    assert.equal(aws.running().length, 0, `${error} at ${call}`);
  }));
});

Deno.test("`start()` says what EC2 compute wants when StartBuild does not take it", async () => {
  const said = async (message: string, env: Record<string, string>) => {
    await using aws = startFakeAws({ lasting: { StartBuild: { error: "InvalidInputException", message } } });
    return (await runInProcess(stepEnvironment(aws, env), { speed: 10 })).stderr;
  };
  const type = { CODEBUILD_ENVIRONMENT_TYPE: "ARM_EC2" };
  assert.match(
    await said("not supported", type),
    /^hint: ARM_EC2 boots machine images, as aws\S+-arm-base:latest, .*set --image$/m,
  );
  assert.match(
    await said("not supported", { ...type, CODEBUILD_IMAGE: "debian:12" }),
    /warning: ARM_EC2 boots machine images and runs no containers: should CodeBuild refuse debian:12/,
  );
  assert.match(
    await said("PrivilegedMode is not allowed", { RUNNER_TYPE: "docker" }),
    /^hint: EC2 compute is no container and takes no privileged mode: .*set --environment-type to it/m,
  );
});

Deno.test("`start()` says of a token that is none who sets it, whatever STS answers", async () => {
  await using aws = startFakeAws({
    lasting: { AssumeRoleWithWebIdentity: { error: "ValidationError", status: 400 } },
  });
  const { code, stderr } = await runInProcess(stepEnvironment(aws, { BITBUCKET_STEP_OIDC_TOKEN: "none" }));
  assert.equal(code, 3);
  assert.match(stderr, /^error: .*the token in BITBUCKET_STEP_OIDC_TOKEN is no JWT$/m);
  assert.match(stderr, /^hint: leave BITBUCKET_STEP_OIDC_TOKEN to Bitbucket/m);
});

const ISSUER = "api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc";

/** A token as Bitbucket issues them for a step of a deployment environment; `exp` in seconds from now. */
function stepToken(exp: number): string {
  const claims = {
    iss: `https://${ISSUER}`,
    aud: "ari:cloud:bitbucket::workspace/1",
    sub: "{repo}:{production}:{step}",
    exp: Math.floor(Date.now() / 1000) + exp,
  };
  return `header.${btoa(JSON.stringify(claims)).replace(/=+$/, "")}.signature-of-it`;
}

Deno.test("`start()` shows what a refused token says, and a trust condition made of it, never the token", async () => {
  await using aws = startFakeAws({
    lasting: { AssumeRoleWithWebIdentity: { error: "AccessDenied", status: 403 } },
  });
  const token = stepToken(600);
  const { stderr } = await runInProcess(stepEnvironment(aws, { BITBUCKET_STEP_OIDC_TOKEN: token }));
  assert.match(
    stderr,
    /^error: .*aud «ari:cloud:bitbucket::workspace\/1», sub «\{repo\}:\{production\}:\{step\}»/m,
  );
  const condition = /"Condition": (\{.*\})$/m.exec(stderr)?.[1] ?? "null";
  assert.deepEqual(JSON.parse(condition), {
    StringEquals: { [`${ISSUER}:aud`]: "ari:cloud:bitbucket::workspace/1" },
    StringLike: { [`${ISSUER}:sub`]: ["{repo}:{production}:*"] },
  });
  assert.ok(!token.split(".").some((part) => part !== "header" && stderr.includes(part)));
});

for (const [what, exp, tries] of [["past its time", -60, 1], ["within its time", 600, 5]] as const) {
  Deno.test(`\`start()\` asks ${tries} times as a token ${what} that STS calls expired`, async () => {
    await using aws = startFakeAws({
      lasting: {
        AssumeRoleWithWebIdentity: {
          error: "ExpiredTokenException",
          headers: { date: new Date().toUTCString() },
        },
      },
    });
    const env = stepEnvironment(aws, { BITBUCKET_STEP_OIDC_TOKEN: stepToken(exp) });
    const { code } = await runInProcess(env);
    assert.equal(code, 3);
    assert.equal(aws.names().length, tries);
  });
}

const USER =
  "User: arn:aws-cn:sts::210987654321:assumed-role/other/me is not authorized to perform: codebuild:StartBuild";
const DENIED: readonly (readonly [what: string, message: string, withRole: boolean, hint: RegExp])[] = [
  [
    "what AWS names",
    `${USER} on resource: arn:aws-cn:codebuild:x:2:project/p because`,
    true,
    /on arn:aws-cn:codebuild:x:2:project\/p in/,
  ],
  [
    "the account of the user that AWS names",
    USER,
    true,
    /on arn:aws-cn:codebuild:eu-west-1:210987654321:project\/ci in/,
  ],
  ["the account of the role", "no", true, /on arn:aws:codebuild:eu-west-1:123456789012:project\/ci in/],
  [
    "the project where no account is known",
    "no",
    false,
    /on project ci in eu-west-1 in the policy of these credentials/,
  ],
  [
    "an explicit deny",
    `${USER} with an explicit deny in a service control policy`,
    true,
    /on .*; AWS speaks of an explicit deny/,
  ],
];
for (const [what, message, withRole, hint] of DENIED) {
  Deno.test(`\`start()\` names ${what} when StartBuild is refused`, async () => {
    const fault: Fault = { error: "AccessDeniedException", message };
    await using aws = startFakeAws({ lasting: { StartBuild: fault } });
    const { AWS_ROLE_ARN, BITBUCKET_STEP_OIDC_TOKEN, ...rest } = stepEnvironment(aws);
    const keys = { AWS_ACCESS_KEY_ID: "AKIDOFALAPTOP", AWS_SECRET_ACCESS_KEY: "secret-of-a-laptop" };
    const role = {
      AWS_ROLE_ARN: AWS_ROLE_ARN ?? "",
      BITBUCKET_STEP_OIDC_TOKEN: BITBUCKET_STEP_OIDC_TOKEN ?? "",
    };
    const { code, stderr } = withRole
      ? await runInProcess({ ...rest, ...role })
      : await runProcess({ ...rest, ...keys });
    assert.equal(code, 3, stderr);
    assert.match(stderr, new RegExp(`^hint: allow codebuild:StartBuild ${hint.source}`, "m"));
    assert.doesNotMatch(stderr, /ACCOUNT/);
  });
}

const PROFILES: readonly (readonly [profile: string, hint: RegExp])[] = [
  ["gone", /^hint: check the profile «gone», which AWS_PROFILE names/m],
  ["corp", /^hint: run aws sso login --profile corp$/m],
];
for (const [profile, hint] of PROFILES) {
  Deno.test(`\`start()\` names the profile ${profile} when it gives no credentials`, async () => {
    await withTemporaryFolder(async (folder) => {
      const start = "sso_start_url = https://corp.awsapps.com/start\nsso_region = eu-west-1";
      const account = "sso_account_id = 123456789012\nsso_role_name = dev";
      await Deno.writeTextFile(`${folder}/config`, `[profile corp]\n${start}\n${account}\n`);
      await using aws = startFakeAws();
      const { AWS_ROLE_ARN: _, BITBUCKET_STEP_OIDC_TOKEN: __, BITBUCKET_BUILD_NUMBER: ___, ...env } =
        stepEnvironment(aws);
      const { code, stderr } = await runProcess({
        ...env,
        AWS_PROFILE: profile,
        AWS_CONFIG_FILE: `${folder}/config`,
        AWS_SHARED_CREDENTIALS_FILE: `${folder}/none`,
        AWS_EC2_METADATA_DISABLED: "true",
      });
      assert.equal(code, 3, stderr);
      assert.match(
        stderr,
        new RegExp(`^error: Cannot call StartBuild: .*; AWS_PROFILE is «${profile}»$`, "m"),
      );
      assert.match(stderr, hint);
    });
  });
}
