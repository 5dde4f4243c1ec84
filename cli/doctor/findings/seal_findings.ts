import { AwsCallError } from "../../../shared/aws/aws_errors.ts";
import type { AwsSession } from "../../aws/aws_session.ts";
import { kmsFailure } from "../../aws/kms_hints.ts";
import { ask } from "../answer.ts";
import type { DoctorConfig } from "../doctor_config.ts";
import { fail, type Finding, ok, unknown } from "../finding.ts";

const CHECK = "seal";

/** Whether the key of --kms-key seals for this pipeline: seals something that is no secret, which changes nothing in AWS. */
export async function sealFindings(
  session: AwsSession,
  config: DoctorConfig,
  signal: AbortSignal,
): Promise<Finding[]> {
  const { kmsKey, mode } = config.choice;
  if (kmsKey === undefined || mode === "project") return [];
  const { region, workspaceUuid, repositoryUuid, pipelineUuid } = config;
  if (region === undefined || workspaceUuid === undefined || repositoryUuid === undefined) {
    return [unknown(CHECK, `${kmsKey} is tried in a step alone, to which a seal is bound`)];
  }
  const context = { workspace: workspaceUuid, repository: repositoryUuid, pipeline: pipelineUuid };
  const as = { ...config, region, keyId: kmsKey, context };
  const sealed = await ask(signal, () => session.seal({ DOCTOR: "nothing" }, as, signal));
  if (!("error" in sealed)) return [ok(CHECK, `${kmsKey} seals for this pipeline`)];
  const { error } = sealed;
  const { message, hint } = error instanceof AwsCallError ? kmsFailure(error, as) : error;
  return [fail(CHECK, message, hint ?? "check --kms-key or RUNNER_KMS_KEY")];
}
