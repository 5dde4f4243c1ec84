import { VERSION } from "../../shared/program/version.ts";
import type { RunnerType } from "../../shared/settings/runner_type.ts";

export interface BuildspecOptions {
  readonly runnerType: RunnerType;
  /** Folder URL that holds the release's assets; free of quotes, `$`, backslashes and white space. */
  readonly releaseUrl: string;
}

/** Longest inline buildspec CodeBuild takes, in characters. Source: seen on projects' buildspecs (aws-cdk #14974). */
export const LONGEST_BUILDSPEC = 25_600;

/** Where the agent is installed to in the build; a shell expression, since the build decides. */
const HOME = "${RUNNER_HOME:-/runner}";

/**
 * The buildspec of a build that becomes a runner. It is plain text, since loading a YAML library would cost more
 * time than everything else before StartBuild. `post_build` does not run when `pre_build` fails, so `pre_build.sh`
 * cleans up after itself. Each command keeps to POSIX sh and to itself: CodeBuild runs all of them in one shell.
 */
export function buildspec(options: BuildspecOptions): string {
  return [
    `# Made by start-runner ${VERSION} for a ${options.runnerType} runner`,
    "version: 0.2",
    "phases:",
    "  install:",
    "    commands:",
    "      - |-",
    ...installCommand(options).map((line) => `        ${line}`),
    ...phase("pre_build"),
    ...phase("build"),
    ...phase("post_build"),
    "",
  ].join("\n");
}

/**
 * Downloads to a file before anything runs, so that a cut download runs nothing. The loop covers what curl's own
 * `--retry` leaves out in older versions, such as a connection reset; an HTTP error (22) is final after curl's retries.
 */
function installCommand({ runnerType, releaseUrl }: BuildspecOptions): string[] {
  const url = `${releaseUrl}/install-${runnerType}.sh`;
  return [
    "(",
    "  if ! command -v curl >/dev/null 2>&1; then",
    "    echo 'error: Cannot install the runner: this build image has no curl' >&2",
    "    echo 'hint: use an image with curl, tar, gzip and sha256sum, as AWS CodeBuild images are' >&2",
    "    exit 1",
    "  fi",
    "  folder=$(mktemp -d) || exit 1",
    "  trap 'rm -rf \"$folder\"' EXIT",
    "  attempt=1",
    "  while :; do",
    `    curl -fsSL --retry 4 --retry-delay 2 --connect-timeout 15 --max-time 120 -o "$folder/install.sh" '${url}' && break`,
    "    code=$?",
    '    if [ "$code" = 22 ] || [ "$attempt" = 4 ]; then',
    `      echo "error: Cannot download ${url}: curl ended with $code" >&2`,
    "      echo 'hint: check --release-url, and that the build can reach it (VPC, proxy, NAT)' >&2",
    "      exit 1",
    "    fi",
    "    attempt=$((attempt + 1))",
    "    sleep 2",
    "  done",
    `  sh "$folder/install.sh" --dest "${HOME}" --base-url '${releaseUrl}'`,
    ")",
  ];
}

function phase(name: "pre_build" | "build" | "post_build"): string[] {
  return [`  ${name}:`, "    commands:", `      - '"${HOME}/${name}.sh"'`];
}
