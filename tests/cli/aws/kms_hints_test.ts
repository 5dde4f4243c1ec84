import assert from "node:assert/strict";
import { kmsFailure, type SealingAs } from "../../../cli/aws/kms_hints.ts";
import { awsCallError } from "../../../shared/aws/aws_errors.ts";

const ROLE = "arn:aws:iam::123456789012:role/start-runner";
const AS: SealingAs = {
  keyId: "alias/runner",
  region: "eu-west-1",
  inPipeline: true,
  webIdentity: { roleArn: ROLE, token: "token" },
  context: { workspace: "{w}", repository: "{r}", pipeline: "{p}" },
};

const FAILURES: readonly (readonly [code: string, status: number, exitCode: number, hint: RegExp])[] = [
  [
    "AccessDeniedException",
    400,
    3,
    /^allow kms:Encrypt on alias\/runner in the policy of arn:aws:iam::\d+:role\/start-runner,/,
  ],
  ["AccessDeniedException", 400, 3, /workspace=\{w\}, repository=\{r\}, pipeline=\{p\}$/],
  ["ExpiredTokenException", 400, 3, /run the step again$/],
  ["CredentialsProviderError", 0, 3, /^add `oidc: true` to the step/],
  ["NotFoundException", 400, 2, /^check --kms-key or RUNNER_KMS_KEY: .* region eu-west-1, /],
  ["ValidationException", 400, 2, /^check --kms-key or RUNNER_KMS_KEY: .* symmetric/],
  ["InvalidKeyUsageException", 400, 2, /^check --kms-key or RUNNER_KMS_KEY: .* symmetric/],
  ["DisabledException", 409, 2, /^enable the key of --kms-key or RUNNER_KMS_KEY/],
  ["KMSInvalidStateException", 409, 2, /^enable the key of --kms-key or RUNNER_KMS_KEY/],
  ["ThrottlingException", 400, 4, /^run the step again/],
  ["KMSInternalException", 500, 4, /^run the step again/],
];

for (const [code, status, exitCode, hint] of FAILURES) {
  Deno.test(`\`kmsFailure()\` ends with ${exitCode} at ${code}, with a hint: ${hint.source}`, () => {
    const failure = kmsFailure(awsCallError("Encrypt", thrown(code, status)), AS);
    assert.equal(failure.exitCode, exitCode);
    assert.match(failure.message, /^Cannot call Encrypt: /);
    assert.match(failure.hint ?? "", hint);
  });
}

Deno.test("`kmsFailure()` speaks of these credentials where no role is assumed", () => {
  const as = { ...AS, inPipeline: false, webIdentity: undefined };
  const hint = (code: string, status: number) =>
    kmsFailure(awsCallError("Encrypt", thrown(code, status)), as).hint ?? "";
  assert.match(hint("AccessDeniedException", 400), /in the policy of these credentials/);
  assert.match(hint("CredentialsProviderError", 0), /^give AWS credentials/);
});

function thrown(code: string, status: number): Error {
  return Object.assign(new Error("text"), {
    name: code,
    ...(status === 0 ? {} : { $fault: "client", $metadata: { httpStatusCode: status } }),
  });
}
