import { createHash } from "node:crypto";
import type { StartBuildInput } from "../../shared/aws/aws_codebuild.ts";
import { endpointFrom } from "../../shared/aws/aws_client.ts";
import type { Redactor } from "../../shared/output/redact.ts";
import { writeLine } from "../../shared/output/write_line.ts";
import type { Host } from "../../shared/program/host.ts";
import { SEALED_VARIABLE } from "../../shared/settings/forwarded_variables.ts";
import { identityVariables } from "../../shared/settings/runner_identity.ts";
import { runnerLabels } from "../../shared/settings/runner_labels.ts";
import { expectedArchitecture, isFleetName } from "../options/build_image.ts";
import type { BuildVariable } from "../options/build_variables.ts";
import type { StartConfig } from "../options/start_config.ts";
import { buildRequest } from "../request/build_request.ts";

const MASK = "***";

/**
 * Shows as JSON what a start would send: to whom, as whom, for a runner with which labels. Secrets are masked, also those that
 * would be got first. Throws `ConfigurationError` for an address that may not be used.
 */
export function dryRun(
  config: StartConfig,
  { host, redactor }: { readonly host: Pick<Host, "env" | "stdout">; readonly redactor: Redactor },
): void {
  const shown = {
    endpoint: endpointFrom("CODEBUILD", host.env) ?? ownEndpoint(config.region),
    region: config.region,
    role: config.webIdentity?.roleArn ?? "none: the default AWS credentials",
    credentials: config.choice.mode,
    machines: config.machines === 1 ? undefined : config.machines,
    labels: runnerLabels(config.runnerType, expectedArchitecture(config), config.labels ?? []),
    startBuild: withShortBuildspec(
      buildRequest({ ...config, fleetArn: shownFleet(config) }, maskedSecrets(config)),
      config,
    ),
  };
  for (const line of JSON.stringify(shown, null, 2).split("\n")) writeLine(host.stdout, line, redactor);
}

/** Source: AWS's service endpoints; China's are the ones under another name. */
function ownEndpoint(region: string): string {
  return `https://codebuild.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
}

/** Nobody is asked for the ARN. */
function shownFleet({ fleet }: StartConfig): string | undefined {
  return isFleetName(fleet) ? `the ARN of ${fleet}, asked of BatchGetFleets` : fleet;
}

function maskedSecrets({ choice, credentialVariables, runners = 1 }: StartConfig): BuildVariable[] {
  const names: Readonly<Record<typeof choice.mode, readonly string[]>> = {
    secret: credentialVariables.map(({ name }) => name),
    token: ["BITBUCKET_ACCESS_TOKEN"],
    project: [],
    runner: identityVariables(runners),
  };
  const sent = choice.kmsKey !== undefined && names[choice.mode].length > 0
    ? [SEALED_VARIABLE]
    : names[choice.mode];
  return sent.map((name) => ({ name, value: MASK, type: "PLAINTEXT" }));
}

function withShortBuildspec(input: StartBuildInput, { runnerType }: StartConfig): StartBuildInput {
  const { buildspecOverride } = input;
  if (buildspecOverride === undefined) return input;
  const sha256 = createHash("sha256").update(buildspecOverride).digest("hex");
  const command = `start-runner buildspec --runner-type ${runnerType}`;
  return { ...input, buildspecOverride: `sha256 ${sha256}; see ${command}` };
}
