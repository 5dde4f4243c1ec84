import { ConfigurationError } from "../../../shared/program/errors.ts";
import {
  type BitbucketCredentials,
  bitbucketSettings,
  CREDENTIALS_REMEDY,
  pickCredentials,
} from "../../../shared/settings/bitbucket_settings.ts";
import { readSettings } from "../../../shared/settings/settings.ts";

/** The command line, as it is given. */
export interface ProbeFlags {
  readonly workspace: string;
  readonly repository: string;
  readonly step?: true;
  readonly label?: string;
  readonly branch: string;
  readonly runner: string;
  readonly profile?: string;
  readonly json?: true;
}

export interface ProbeOptions {
  readonly workspace: string;
  readonly repository: string;
  readonly apiUrl: string;
  readonly tokenUrl: string;
  readonly timeoutMs: number;
  readonly credentials: BitbucketCredentials;
  /** Tried too, where it is given beside other credentials. */
  readonly accessToken: string | undefined;
  readonly step: StepOptions | undefined;
}

/** What `--step` takes. */
export interface StepOptions {
  /** The label the sample pipeline asks for; one of this run's own when left out. */
  readonly label: string | undefined;
  readonly branch: string;
  /** Where Atlassian's archive is unpacked. */
  readonly runnerHome: string;
}

/** What to do; throws ConfigurationError with all problems. */
export function readProbeOptions(flags: ProbeFlags, env: Readonly<Record<string, string>>): ProbeOptions {
  const { values, problems } = readSettings(bitbucketSettings, {}, env);
  // An access token beside others is what is asked about, and not who asks.
  const others = pickCredentials({ ...values, accessToken: undefined });
  const picked = others.credentials === undefined ? pickCredentials(values) : others;
  const found = [...problems, ...picked.problems, ...(flags.step ? uuidProblems(flags) : [])];
  const { credentials } = picked;
  if (credentials === undefined) found.push(`Missing Bitbucket credentials: ${CREDENTIALS_REMEDY}`);
  if (credentials === undefined || found.length > 0) throw new ConfigurationError(found);
  const { workspace, repository, label, branch, runner } = flags;
  const { apiUrl, tokenUrl, apiTimeoutS, accessToken } = values;
  return {
    ...{ workspace, repository, apiUrl, tokenUrl, credentials, accessToken },
    timeoutMs: apiTimeoutS * 1000,
    step: flags.step ? { label, branch, runnerHome: runner } : undefined,
  };
}

/** Atlassian's runner takes UUIDs alone, and no call within the probe's scopes gives them. */
function uuidProblems(flags: ProbeFlags): string[] {
  return (["workspace", "repository"] as const).filter((name) => !/^\{.+\}$/.test(flags[name])).map((name) =>
    `Cannot use «${flags[name]}» from --${name}: with --step it takes a UUID in braces, as in ${
      name === "workspace" ? "BITBUCKET_REPO_OWNER_UUID" : "BITBUCKET_REPO_UUID"
    } of a step`
  );
}
