import { RUNNER_VALUES } from "./runner_values.ts";

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

/**
 * Reads properties from Java's arguments, as of a shell runner, and variables, as of one in a container; throws an error
 * that names what is missing.
 */
export function runnerIdentity(
  javaArguments: readonly string[],
  env: Readonly<Record<string, string>>,
): RunnerIdentity {
  const values = new Map<string, string | undefined>(RUNNER_VALUES.map(({ variable, property }) => {
    const begin = `-D${property}=`;
    const found = javaArguments.findLast((argument) => argument.startsWith(begin));
    return [variable, found === undefined ? env[variable] : found.slice(begin.length)];
  }));
  const required = (name: string): string => {
    const value = values.get(name) ?? env[name];
    if (value === undefined || value === "") throw new Error(`Cannot start runner: ${name} is missing`);
    return value;
  };
  required("ACCOUNT_UUID");
  return {
    runnerUuid: required("RUNNER_UUID"),
    clientId: required("OAUTH_CLIENT_ID"),
    clientSecret: required("OAUTH_CLIENT_SECRET"),
    runtime: values.get("RUNTIME") || "linux-shell",
    workingDirectory: required("WORKING_DIRECTORY"),
    cloudUrl: required("LOCAL_CLOUD_URL"),
    image: env["LOCAL_CLOUD_IMAGE"] ?? "",
  };
}

/** A UUID without its braces, as in names of folders and containers. */
export function bare(uuid: string): string {
  return uuid.replace(/[{}]/g, "");
}
