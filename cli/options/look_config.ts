import {
  type BitbucketCredentials,
  bitbucketSettings,
  pickCredentials,
} from "../../shared/settings/bitbucket_settings.ts";
import { readSettings, type Settings, type SettingValues } from "../../shared/settings/settings.ts";
import { type AccessConfig, accessConfig } from "./access_config.ts";
import { optionalUuid } from "./option_values.ts";
import { stepVariables } from "./step_variables.ts";

type Env = Readonly<Record<string, string>>;
type Flags = Readonly<Record<string, string>>;

/** Whose runners are meant; on a laptop perhaps nobody says so. */
const repositorySettings = {
  repositoryUuid: optionalUuid(stepVariables.repositoryUuid),
  workspaceUuid: optionalUuid(stepVariables.workspaceUuid),
} as const;

/** How a command reaches AWS, and Bitbucket where the environment has credentials. */
export interface LookConfig extends AccessConfig, SettingValues<typeof repositorySettings> {
  readonly credentials: BitbucketCredentials | undefined;
  readonly apiUrl: string;
  readonly tokenUrl: string;
}

/** What flags and environment give a command with options of its own, or all problems with it. */
export function lookConfig<S extends Settings>(
  own: S,
  flags: Flags,
  env: Env,
): { config: LookConfig & SettingValues<S>; problems: string[] } {
  const access = accessConfig(flags, env);
  // The same setting as that of the access: one fault is reported once.
  const { apiTimeoutS: _apiTimeoutS, ...reach } = bitbucketSettings;
  const read = readSettings({ ...reach, ...repositorySettings }, flags, env);
  const mine = readSettings(own, flags, env);
  const picked = pickCredentials(read.values);
  const { apiUrl, tokenUrl, repositoryUuid, workspaceUuid } = read.values;
  const { credentials } = picked;
  return {
    config: {
      ...access.config,
      ...mine.values,
      apiUrl,
      tokenUrl,
      repositoryUuid,
      workspaceUuid,
      credentials,
    },
    problems: [...access.problems, ...mine.problems, ...read.problems, ...picked.problems],
  };
}
