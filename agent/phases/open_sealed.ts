import { AwsCallError } from "../../shared/aws/aws_errors.ts";
import { type SealContext, unseal } from "../../shared/aws/sealed_secrets.ts";
import { SEALED_VARIABLE } from "../../shared/settings/forwarded_variables.ts";
import { ConfigurationError } from "../../shared/program/errors.ts";
import type { Host } from "../../shared/program/host.ts";
import { readSettings } from "../../shared/settings/settings.ts";
import { agentSettings } from "../settings/agent_settings.ts";
import { sealFailure } from "./seal_failure.ts";

/**
 * The variables that start-runner has sealed, which count as if they stood in the environment and go before those that do;
 * none where nothing is sealed. Asks KMS as the build's own role, so once in a build is enough. Rejects with `ProgramError`.
 */
export async function openSealed(
  host: Pick<Host, "env" | "fetch">,
  signal?: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  const text = host.env[SEALED_VARIABLE];
  if (text === undefined || text === "") return {};
  const { region, timeoutMs, context } = openingSettings(host.env);
  const open = () => unseal({ host, region, timeoutMs }, text, context, signal);
  try {
    // Another client asks for the role's credentials anew.
    return await open().catch((error) => isExpired(error) ? open() : Promise.reject(error));
  } catch (error) {
    throw error instanceof AwsCallError ? sealFailure(error, context) : error;
  }
}

function isExpired(error: unknown): boolean {
  return error instanceof AwsCallError && error.kind === "expired";
}

const { workspaceUuid, repositoryUuid, pipelineUuid, apiTimeoutS } = agentSettings;
const SETTINGS = { workspaceUuid, repositoryUuid, pipelineUuid, apiTimeoutS };

/** What opening takes; all else that is wrong with the configuration is told once the secrets are there. */
function openingSettings(env: Host["env"]): { region: string; timeoutMs: number; context: SealContext } {
  const { values, problems } = readSettings(SETTINGS, {}, env);
  const region = env["AWS_REGION"] || env["AWS_DEFAULT_REGION"];
  if (!region) {
    problems.push(
      `Missing the region to open ${SEALED_VARIABLE} in: set AWS_REGION, as CodeBuild does in every build`,
    );
  }
  if (!region || problems.length > 0) {
    throw new ConfigurationError(problems, { hint: "start-runner and CodeBuild set these in the build" });
  }
  return {
    region,
    timeoutMs: values.apiTimeoutS * 1000,
    context: {
      workspace: values.workspaceUuid,
      repository: values.repositoryUuid,
      pipeline: values.pipelineUuid,
    },
  };
}
