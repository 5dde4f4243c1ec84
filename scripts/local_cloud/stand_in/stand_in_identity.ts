/** Who a runner is and where it works. */
export interface RunnerIdentity {
  readonly runnerUuid: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly runtime: string;
  readonly workingDirectory: string;
  /** The local cloud; Atlassian's runner knows Bitbucket's address itself. */
  readonly cloudUrl: string;
  /** The image that it runs from, for the containers of its steps; empty for a shell runner. */
  readonly image: string;
}

/** Flags of Atlassian's start.sh, and the variable that sets the same. Source: the script in bundle 1.364. */
const FLAGS: readonly (readonly [long: string, short: string, variable: string])[] = [
  ["--accountUuid", "-a", "ACCOUNT_UUID"],
  ["--repositoryUuid", "-r", "REPOSITORY_UUID"],
  ["--runnerUuid", "-u", "RUNNER_UUID"],
  ["--OAuthClientId", "-i", "OAUTH_CLIENT_ID"],
  ["--OAuthClientSecret", "-s", "OAUTH_CLIENT_SECRET"],
  ["--runtime", "-t", "RUNTIME"],
  ["--workingDirectory", "-w", "WORKING_DIRECTORY"],
  ["--runnerEnvironment", "-e", "RUNNER_ENVIRONMENT"],
  ["--dockerUri", "-k", "DOCKER_URI"],
  ["--scheduledStateUpdateInitialDelaySeconds", "-d", "SCHEDULED_STATE_UPDATE_INITIAL_DELAY_SECONDS"],
  ["--scheduledStateUpdatePeriodSeconds", "-p", "SCHEDULED_STATE_UPDATE_PERIOD_SECONDS"],
  ["--cleanupPreviousFolders", "-c", "CLEANUP_PREVIOUS_FOLDERS"],
];

/** Reads flags and variables; throws an error that names what is missing. */
export function runnerIdentity(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): RunnerIdentity {
  const values: Record<string, string | undefined> = { ...env };
  for (let at = 0; at + 1 < args.length; at += 2) {
    const flag = FLAGS.find(([long, short]) => args[at] === long || args[at] === short);
    // As in Atlassian's script, an unknown argument ends the reading.
    if (flag === undefined) break;
    values[flag[2]] = args[at + 1];
  }
  const required = (name: string): string => {
    const value = values[name];
    if (value === undefined || value === "") throw new Error(`Cannot start runner: ${name} is missing`);
    return value;
  };
  required("ACCOUNT_UUID");
  return {
    runnerUuid: required("RUNNER_UUID"),
    clientId: required("OAUTH_CLIENT_ID"),
    clientSecret: required("OAUTH_CLIENT_SECRET"),
    runtime: values["RUNTIME"] || "linux-shell",
    workingDirectory: required("WORKING_DIRECTORY"),
    cloudUrl: required("LOCAL_CLOUD_URL"),
    image: values["LOCAL_CLOUD_IMAGE"] ?? "",
  };
}

/** A UUID without its braces, as in names of folders and containers. */
export function bare(uuid: string): string {
  return uuid.replace(/[{}]/g, "");
}
