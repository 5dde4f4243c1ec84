import type { AwsCallError } from "../../shared/aws/aws_errors.ts";
import { inWords, type SealContext } from "../../shared/aws/sealed_secrets.ts";
import { SEALED_VARIABLE } from "../../shared/settings/forwarded_variables.ts";
import {
  ApiError,
  ConfigurationError,
  CredentialsError,
  type ProgramError,
} from "../../shared/program/errors.ts";

/**
 * What it means to the reader that KMS did not open the secrets: exit code 3 where it refuses the build's role, 2 where text,
 * variables or key do not fit, 1 where it could not be asked.
 */
export function sealFailure(error: AwsCallError, context: SealContext): ProgramError {
  const { message, kind, call, status, requestId } = error;
  const options = { cause: error, hint: hintFor(error, context) };
  if (kind === "refused" || kind === "expired") return new CredentialsError(message, options);
  if (kind === "unavailable" || kind === "throttled") {
    return new ApiError(message, { call, status, requestId }, options);
  }
  return new ConfigurationError([message], options);
}

function hintFor({ kind, code }: AwsCallError, context: SealContext): string {
  if (kind === "unavailable") {
    return "run the pipeline again; if it stays, check that the build reaches KMS (a VPC needs an endpoint for it), and API_TIMEOUT";
  }
  if (kind === "throttled") {
    return "run the pipeline again; if it stays, see in CloudTrail who calls KMS so often in this account";
  }
  if (code === "CredentialsProviderError") {
    return "the build has no AWS credentials: see that the CodeBuild project has a service role";
  }
  if (kind === "refused" || kind === "expired") {
    return "allow kms:Decrypt on the key of --kms-key in the policy of the project's service role, and in the key's own; " +
      `where they have a condition on the encryption context, it must let through ${inWords(context)}`;
  }
  if (code === "InvalidCiphertextException" || code === "IncorrectKeyException") {
    return `${SEALED_VARIABLE} was sealed for another workspace, repository or pipeline than ${
      inWords(context)
    }, or has been ` +
      "changed: let start-runner set it, WORKSPACE_UUID, REPO_UUID and PIPELINE_UUID";
  }
  return "the key of --kms-key is gone, disabled or about to be deleted: enable it, or name another one";
}
