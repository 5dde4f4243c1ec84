import { RUNNER_VALUES } from "./runner_values.ts";

/** Those that Atlassian's script does not start without. */
const REQUIRED = [
  "ACCOUNT_UUID",
  "RUNNER_UUID",
  "OAUTH_CLIENT_ID",
  "OAUTH_CLIENT_SECRET",
  "WORKING_DIRECTORY",
];

/**
 * Stands in for Atlassian's start.sh: takes the same flags, or the same variables in their place, asks for Java's version, and
 * becomes Java with the same properties, which begins with `./runner.jar`.
 */
export const START_SCRIPT = `#!/bin/sh
# Stands in for the start script of Atlassian's runner.
while [ $# -gt 1 ]; do
  case $1 in
${RUNNER_VALUES.map(({ flag, short, variable }) => `  ${flag} | ${short}) ${variable}=$2 ;;`).join("\n")}
  *) break ;;
  esac
  shift 2
done
${REQUIRED.map((name) => `: "\${${name}:?is missing}"`).join("\n")}
if ! java -version 2>/dev/null; then
  echo "java could not be found, please install it" >&2
  exit 1
fi
exec java \\
  -jar \\
${
  RUNNER_VALUES.map(({ property, variable, fallback = "" }) =>
    `  -D${property}="\${${variable}:-${fallback}}" \\`
  ).join("\n")
}
  ./runner.jar
`;
