import assert from "node:assert/strict";
import { sealFailure } from "../../../agent/phases/seal_failure.ts";
import { awsCallError } from "../../../shared/aws/aws_errors.ts";

const CONTEXT = { workspace: "{w}", repository: "{r}", pipeline: "{p}" };
const IN_WORDS = /workspace=\{w\}, repository=\{r\}, pipeline=\{p\}/;

const FAILURES: readonly (readonly [code: string, status: number, exitCode: number, hint: RegExp])[] = [
  ["AccessDeniedException", 400, 3, /allow kms:Decrypt .* project's service role/],
  ["AccessDeniedException", 400, 3, IN_WORDS],
  ["UnrecognizedClientException", 400, 3, /service role/],
  ["CredentialsProviderError", 0, 3, /the CodeBuild project has a service role/],
  ["InvalidCiphertextException", 400, 2, /RUNNER_SEALED was sealed for another .* has been changed/],
  ["InvalidCiphertextException", 400, 2, IN_WORDS],
  ["IncorrectKeyException", 400, 2, /RUNNER_SEALED was sealed for another/],
  ["NotFoundException", 400, 2, /the key of --kms-key is gone, disabled/],
  ["DisabledException", 409, 2, /the key of --kms-key is gone, disabled/],
  ["KMSInvalidStateException", 409, 2, /the key of --kms-key is gone, disabled/],
  ["ThrottlingException", 400, 1, /run the pipeline again; .* CloudTrail/],
  ["LimitExceededException", 400, 1, /run the pipeline again; .* CloudTrail/],
  ["KMSInternalException", 500, 1, /run the pipeline again; .* the build reaches KMS/],
  ["NoAnswerError", 0, 1, /run the pipeline again; .* the build reaches KMS/],
];

for (const [code, status, exitCode, hint] of FAILURES) {
  Deno.test(`\`sealFailure()\` ends with ${exitCode} at ${code}, with a hint: ${hint.source}`, () => {
    const thrown = Object.assign(new Error("text"), {
      name: code,
      ...(status === 0 ? {} : { $fault: "client", $metadata: { httpStatusCode: status } }),
    });
    const failure = sealFailure(awsCallError("Decrypt", thrown), CONTEXT);
    assert.equal(failure.exitCode, exitCode);
    assert.match(failure.message, /^Cannot call Decrypt: /);
    assert.match(failure.hint ?? "", hint);
  });
}
