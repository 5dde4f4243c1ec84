import { bitbucketSettings } from "../../shared/settings/bitbucket_settings.ts";
import { startOptions } from "../options/options.ts";
import { type StartConfig, startConfig } from "../options/start_config.ts";

type Unsure =
  | "project"
  | "region"
  | "releaseUrl"
  | "apiUrl"
  | "tokenUrl"
  | "repositoryUuid"
  | "workspaceUuid";

/** What a start would be made with, as far as it is there and can be used. */
export type DoctorConfig =
  & Omit<StartConfig, Unsure | "commit" | "branch">
  & { readonly [K in Unsure]: StartConfig[K] | undefined }
  & {
    /** Whether this is a step that is to assume a role and has no token to do so. */
    readonly lacksToken: boolean;
  };

type Texts = Readonly<Record<string, string>>;

const NOBODY = "{00000000-0000-0000-0000-000000000000}";
/** Only a step has these: the names that each variable has, in the step and on a laptop, and what stands for its value. */
const OF_A_STEP = [
  [["BITBUCKET_PIPELINE_UUID", "PIPELINE_UUID"], NOBODY],
  [["BITBUCKET_REPO_UUID", "REPO_UUID"], NOBODY],
  [["BITBUCKET_REPO_OWNER_UUID", "WORKSPACE_UUID"], NOBODY],
  [["BITBUCKET_COMMIT"], "0".repeat(40)],
  [["BITBUCKET_BRANCH"], "main"],
] as const;
const TOKEN = "BITBUCKET_STEP_OIDC_TOKEN";

/**
 * The configuration of a start with these flags and variables, and its problems, but for what is a check of its own: the
 * token, and the pipeline, which a laptop does not have.
 */
export function doctorConfig(flags: Texts, env: Texts): { config: DoctorConfig; problems: string[] } {
  const inPipeline = Boolean(env["BITBUCKET_BUILD_NUMBER"]);
  const missing = OF_A_STEP.filter(([names]) => !names.some((name) => env[name]));
  const standIns = inPipeline ? [] : missing.map(([[name], value]) => [name, value]);
  const roleGiven = Boolean(flags["role"] ?? env["AWS_ROLE_ARN"]);
  const lacksToken = inPipeline && roleGiven && !env[TOKEN] && !env["AWS_WEB_IDENTITY_TOKEN_FILE"];
  const { config, problems } = startConfig(flags, {
    ...env,
    ...Object.fromEntries(standIns),
    ...(lacksToken ? { [TOKEN]: "none" } : {}),
  });
  const known = (uuid: string | undefined) => uuid === NOBODY ? undefined : uuid;
  return {
    config: {
      ...config,
      // What cannot be read is among the problems; the checks go on with what a start has without it.
      runnerType: config.runnerType ?? startOptions.runnerType.fallback,
      apiTimeoutS: config.apiTimeoutS ?? bitbucketSettings.apiTimeoutS.fallback,
      startupTimeoutS: config.startupTimeoutS ?? startOptions.startupTimeoutS.fallback,
      machines: config.machines ?? startOptions.machines.fallback,
      capacityTimeoutS: config.capacityTimeoutS ?? startOptions.capacityTimeoutS.fallback,
      repositoryUuid: known(config.repositoryUuid),
      workspaceUuid: known(config.workspaceUuid),
      lacksToken,
      ...(lacksToken ? { oidcToken: undefined, webIdentity: undefined } : {}),
    },
    problems,
  };
}
