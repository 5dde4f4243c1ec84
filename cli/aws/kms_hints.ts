import type { AwsCallError } from "../../shared/aws/aws_errors.ts";
import { inWords, type SealContext } from "../../shared/aws/sealed_secrets.ts";
import {
  BuildNotStartedError,
  ConfigurationError,
  CredentialsError,
  type ProgramError,
} from "../../shared/program/errors.ts";
import type { StartConfig } from "../options/start_config.ts";
import { generalHint } from "./hints.ts";

/** Who seals, with which key, and what the seal is bound to. */
export interface SealingAs extends Pick<StartConfig, "region" | "webIdentity" | "inPipeline" | "profile"> {
  readonly keyId: string;
  readonly context: SealContext;
}

/**
 * What it means to the reader that KMS did not seal the secrets: exit code 3 where it refuses who we are, 2 where the key does
 * not fit, 4 where it could not be asked.
 */
export function kmsFailure(error: AwsCallError, as: SealingAs): ProgramError {
  const { kind, message } = error;
  const options = { cause: error, hint: generalHint(error, as) ?? kmsHint(error, as) };
  if (kind === "refused" || kind === "expired") return new CredentialsError(message, options);
  const unasked = kind === "unavailable" || kind === "throttled";
  return unasked ? new BuildNotStartedError(message, options) : new ConfigurationError([message], options);
}

function kmsHint({ kind, code }: AwsCallError, as: SealingAs): string {
  const { keyId, region, webIdentity, context } = as;
  if (kind === "refused") {
    const who = webIdentity?.roleArn ?? "these credentials";
    return `allow kms:Encrypt on ${keyId} in the policy of ${who}, and in the key's own; where they have a condition on the ` +
      `encryption context, it must let through ${inWords(context)}`;
  }
  if (code === "DisabledException" || code === "KMSInvalidStateException") {
    return "enable the key of --kms-key or RUNNER_KMS_KEY, or name another one";
  }
  return `check --kms-key or RUNNER_KMS_KEY: it takes the id or ARN of a symmetric key in region ${region}, or an alias ` +
    "as in alias/NAME";
}
