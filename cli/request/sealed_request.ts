import { createHmac } from "node:crypto";
import type { StartBuildInput } from "../../shared/aws/aws_codebuild.ts";
import { SEALED_VARIABLE } from "../../shared/aws/sealed_secrets.ts";
import type { BuildVariable } from "../options/build_variables.ts";

/**
 * The request as it is to be told from others, by `idempotencyToken()`: KMS gives another text for the same secrets each time, so a
 * digest of the secrets stands for it. The token is in CloudTrail, where a plain digest would let a short secret be guessed:
 * `key` is what only this step knows and keeps, its OIDC token.
 */
export function comparableRequest(
  request: StartBuildInput,
  secrets: readonly BuildVariable[],
  key: string,
): StartBuildInput {
  const digest = createHmac("sha256", key).update(JSON.stringify(pairs(secrets))).digest("hex");
  return {
    ...request,
    environmentVariablesOverride: (request.environmentVariablesOverride ?? []).map((variable) =>
      variable.name === SEALED_VARIABLE ? { ...variable, value: digest } : variable
    ),
  };
}

function pairs(secrets: readonly BuildVariable[]): readonly (readonly [string, string])[] {
  return secrets.map(({ name, value }) => [name, value] as const).sort(([a], [b]) => a < b ? -1 : 1);
}
