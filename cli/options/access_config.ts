import { readSettings, type SettingValues } from "../../shared/settings/settings.ts";
import { startOptions, startSettings } from "./options.ts";
import { stepVariables } from "./step_variables.ts";
import { type WebIdentity, webIdentity } from "./start_config.ts";

/** The options of a command that looks at a project and does not start anything. */
export const accessOptions = {
  project: startOptions.project,
  region: startOptions.region,
  role: startOptions.role,
  logFormat: startOptions.logFormat,
} as const;

/** What such a command reads of its environment as well; on a laptop there is no pipeline. */
export const accessSettings = {
  ...accessOptions,
  oidcToken: stepVariables.oidcToken,
  workspace: stepVariables.workspace,
  repository: stepVariables.repository,
  buildNumber: stepVariables.buildNumber,
  stepUuid: stepVariables.stepUuid,
  apiTimeoutS: startSettings.apiTimeoutS,
} as const;

/** How a command reaches AWS. */
export interface AccessConfig extends SettingValues<typeof accessSettings> {
  readonly webIdentity: WebIdentity | undefined;
  /** Whether a missing OIDC token is the likely reason when AWS refuses. */
  readonly inPipeline: boolean;
  /** The profile that the default credential chain looks for. */
  readonly profile?: string | undefined;
}

/** The access that flags and environment give, or all problems with it. */
export function accessConfig(
  flags: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>>,
): { config: AccessConfig; problems: string[] } {
  const { values, problems } = readSettings(accessSettings, flags, env);
  const config = {
    ...values,
    webIdentity: webIdentity(values),
    inPipeline: env["BITBUCKET_BUILD_NUMBER"] !== undefined,
    profile: env["AWS_PROFILE"] || undefined,
  };
  return { config, problems };
}
