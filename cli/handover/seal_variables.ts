import { AwsCallError } from "../../shared/aws/aws_errors.ts";
import { SEALED_VARIABLE } from "../../shared/settings/forwarded_variables.ts";
import type { AwsSession } from "../aws/aws_session.ts";
import type { SealingAs } from "../aws/kms_hints.ts";
import type { BuildVariable } from "../options/build_variables.ts";

export interface Sealing {
  readonly session: Pick<AwsSession, "seal">;
  readonly as: SealingAs;
  readonly signal: AbortSignal;
}

/**
 * The one variable of the build that holds all of these. To be asked for once in a start: KMS gives another text each time,
 * and StartBuild must be repeated as it was. Rejects with `ProgramError`, or as STS does where the role is assumed here.
 */
export async function sealVariables(
  secrets: readonly BuildVariable[],
  { session, as, signal }: Sealing,
): Promise<BuildVariable> {
  const record = Object.fromEntries(secrets.map(({ name, value }) => [name, value]));
  try {
    const value = await session.seal(record, { keyId: as.keyId, context: as.context }, signal);
    return { name: SEALED_VARIABLE, value, type: "PLAINTEXT" };
  } catch (error) {
    const fromKms = error instanceof AwsCallError && error.call === "Encrypt";
    if (!fromKms) throw error;
    const { kmsFailure } = await import("../aws/kms_hints.ts");
    throw kmsFailure(error, as);
  }
}
