/** A value that Atlassian's runner takes, by the names that it has on its way to Java. */
export interface RunnerValue {
  readonly flag: string;
  readonly short: string;
  readonly variable: string;
  /** What start.sh gives to Java, below `bitbucket.pipelines.runner.`. */
  readonly property: string;
  readonly fallback?: string;
}

/** Before the names of the properties. */
export const PROPERTY_PREFIX = "bitbucket.pipelines.runner.";

/** Flags of Atlassian's start.sh, with the variable that sets the same, and its property. Source: the script in bundle 1.364. */
export const RUNNER_VALUES: readonly RunnerValue[] = [
  ["accountUuid", "a", "ACCOUNT_UUID", "account.uuid"],
  ["repositoryUuid", "r", "REPOSITORY_UUID", "repository.uuid"],
  ["runnerUuid", "u", "RUNNER_UUID", "uuid"],
  ["OAuthClientId", "i", "OAUTH_CLIENT_ID", "oauth.client.id"],
  ["OAuthClientSecret", "s", "OAUTH_CLIENT_SECRET", "oauth.client.secret"],
  ["runtime", "t", "RUNTIME", "runtime", "linux-shell"],
  ["workingDirectory", "w", "WORKING_DIRECTORY", "directory.working"],
  ["runnerEnvironment", "e", "RUNNER_ENVIRONMENT", "environment", "PRODUCTION"],
  ["dockerUri", "k", "DOCKER_URI", "docker.uri"],
  [
    "scheduledStateUpdateInitialDelaySeconds",
    "d",
    "SCHEDULED_STATE_UPDATE_INITIAL_DELAY_SECONDS",
    "scheduled.state.update.initial.delay.seconds",
    "0",
  ],
  [
    "scheduledStateUpdatePeriodSeconds",
    "p",
    "SCHEDULED_STATE_UPDATE_PERIOD_SECONDS",
    "scheduled.state.update.period.seconds",
    "30",
  ],
  ["cleanupPreviousFolders", "c", "CLEANUP_PREVIOUS_FOLDERS", "cleanup.previous.folders", "false"],
].map(([flag = "", short = "", variable = "", property = "", fallback]) => ({
  flag: `--${flag}`,
  short: `-${short}`,
  variable,
  property: `${PROPERTY_PREFIX}${property}`,
  ...(fallback === undefined ? {} : { fallback }),
}));
