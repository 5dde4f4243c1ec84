import assert from "node:assert/strict";
import { AwsCallError, awsCallError, type AwsErrorKind, callAws } from "../../../shared/aws/aws_errors.ts";

function thrown(name: string, status?: number, message = "text", fault: string | null = "client") {
  return Object.assign(new Error(message), {
    name,
    ...(fault === null ? {} : { $fault: fault }),
    $metadata: { httpStatusCode: status, requestId: "req-1", attempts: 2 },
  });
}

const KINDS: readonly (readonly [AwsErrorKind, Error])[] = [
  ["expired", thrown("ExpiredTokenException", 400)],
  ["expired", thrown("ExpiredToken", 403)],
  ["refused", thrown("AccessDeniedException", 400)],
  ["refused", thrown("UnrecognizedClientException", 400)],
  ["refused", thrown("Whatever", 403)],
  ["refused", thrown("CredentialsProviderError", undefined, "none", null)],
  [
    "no quota",
    thrown("AccountLimitExceededException", 400, "Cannot have more than 0 builds in queue for the account"),
  ],
  [
    "capacity",
    thrown("AccountLimitExceededException", 400, "Cannot have more than 10 builds in queue for the account"),
  ],
  ["capacity", thrown("InvalidInputException", 400, "Concurrent build limit exceeded")],
  ["throttled", thrown("ThrottlingException", 400)],
  ["throttled", thrown("Whatever", 429)],
  ["not found", thrown("ResourceNotFoundException", 400)],
  ["not found", thrown("NotFoundException", 400)],
  ["throttled", thrown("LimitExceededException", 400)],
  ["invalid", thrown("InvalidCiphertextException", 400)],
  ["invalid", thrown("KMSInvalidStateException", 409)],
  ["unavailable", thrown("KMSInternalException", 500, "text", "server")],
  ["invalid", thrown("InvalidInputException", 400)],
  ["unavailable", thrown("InternalFailure", 500, "text", "server")],
  ["unavailable", thrown("IDPCommunicationErrorException", 400)],
  ["unavailable", thrown("NoAnswerError", undefined, "connection reset", null)],
  ["unavailable", thrown("SyntaxError", 200, "Unexpected token", null)],
];

Deno.test("`awsCallError()` tells what a failure means", () => {
  for (const [kind, error] of KINDS) assert.equal(awsCallError("StartBuild", error).kind, kind, error.name);
});

Deno.test("`awsCallError()` names call, status, code, attempts and request id", () => {
  const error = awsCallError("StartBuild", thrown("InvalidInputException", 400, "no such\nimage"));
  assert.equal(
    error.message,
    "Cannot call StartBuild: AWS answered 400 after 2 attempts: InvalidInputException: no such (request id req-1)",
  );
  assert.deepEqual([error.call, error.status, error.requestId], ["StartBuild", 400, "req-1"]);
  assert.match(
    awsCallError("Decrypt", thrown("InvalidCiphertextException", 400, "UnknownError")).message,
    /attempts: InvalidCiphertextException \(request id req-1\)$/,
  );
  assert.match(
    awsCallError("StopBuild", thrown("NoAnswerError", undefined, "connection reset", null)).message,
    /^Cannot call StopBuild: no answer from AWS after 2 attempts: connection reset/,
  );
});

Deno.test("`awsCallError()` cuts names and messages that are longer than any of AWS's", () => {
  const { message, code, requestId } = awsCallError(
    "StartBuild",
    Object.assign(thrown("N".repeat(5000), 400, "m".repeat(100_000)), {
      $metadata: { httpStatusCode: 400, requestId: "r".repeat(5000) },
    }),
  );
  assert.ok(message.length < 1500, `${message.length}`);
  assert.deepEqual([code.length, requestId?.length], [100, 100]);
});

Deno.test("`callAws()` rejects with the signal's reason when it was the signal", async () => {
  const controller = new AbortController();
  const reason = new Error("stop");
  const call = callAws("StopBuild", controller.signal, () => {
    controller.abort(reason);
    return Promise.reject(new Error("AbortError"));
  });
  await assert.rejects(call, (error) => error === reason);
  const failing = callAws("StopBuild", undefined, () => Promise.reject(thrown("X", 500)));
  await assert.rejects(failing, AwsCallError);
});
