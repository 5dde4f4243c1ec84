import assert from "node:assert/strict";
import { type AwsCall, startFakeAws } from "../../fixtures/servers/fake_aws.ts";
import { runInProcess, stepEnvironment } from "../../fixtures/programs/start_runner.ts";

const REFUSALS: readonly (readonly [AwsCall, string, number, number, RegExp])[] = [
  [
    "AssumeRoleWithWebIdentity",
    "AccessDenied",
    403,
    3,
    /hint: the trust policy of arn:aws:iam::123456789012:role/,
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
    const run = await runInProcess(stepEnvironment(aws), { speed: 10 });
    assert.equal(run.code, code, `${error} at ${call}: ${run.stderr}`);
    const message = `^error: Cannot call ${call}: .*${error}(Exception)?: what AWS has to say`;
    assert.match(run.stderr, new RegExp(message, "m"));
    assert.match(run.stderr, hint);
    assert.equal(aws.running().length, 0, `${error} at ${call}`);
  }));
});
