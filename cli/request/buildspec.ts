import { installerHash, VERSION } from "../../shared/program/version.ts";
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
 * `sha256` is what the installer must hash to.
 */
export function buildspec(
  options: BuildspecOptions,
  sha256: string | undefined = installerHash(installerName(options)),
): string {
  const unchecked = uncheckedInstaller(options, sha256);
  return [
    `# Made by start-runner ${VERSION} for a ${options.runnerType} runner`,
    ...(unchecked === undefined ? [] : [`# ${unchecked}`]),
    "version: 0.2",
    "phases:",
    "  install:",
    "    commands:",
    "      - |-",
    ...installCommand(options, sha256).map((line) => `        ${line}`),
    ...phase("pre_build"),
    ...phase("build"),
    ...phase("post_build"),
    "",
  ].join("\n");
}

/** What the build takes on trust, in a sentence; undefined where start-runner knows what its installer hashes to. */
export function uncheckedInstaller(
  options: Pick<BuildspecOptions, "runnerType">,
  sha256: string | undefined = installerHash(installerName(options)),
): string | undefined {
  if (sha256 !== undefined) return undefined;
  const name = installerName(options);
  return `The build runs ${name} unchecked: this start-runner was made without a release, so it knows no sha256 of it`;
}

function installerName({ runnerType }: Pick<BuildspecOptions, "runnerType">): string {
  return `install-${runnerType}.sh`;
}

/**
 * Downloads to a file before anything runs, so that a cut download runs nothing. The loop covers what curl's own
 * `--retry` leaves out in older versions, such as a connection reset; an HTTP error (22) is final after curl's retries,
 * and so is a redirect off https (1). webUrl() lets http pass for loopback alone.
 */
function installCommand(options: BuildspecOptions, sha256: string | undefined): string[] {
  const { releaseUrl } = options;
  const url = `${releaseUrl}/${installerName(options)}`;
  const protocols = releaseUrl.startsWith("https:") ? "=https" : "=http,https";
  const curl = `curl -fsSL --proto '${protocols}' --proto-redir '=https' --tlsv1.2 --retry 4 --retry-delay 2`;
  return [
    "(",
    "  for tool in curl sha256sum; do",
    "    command -v $tool >/dev/null 2>&1 && continue",
    '    echo "error: Cannot install the runner: this build image has no $tool" >&2',
    "    echo 'hint: use an image with curl, tar, gzip and sha256sum, as AWS CodeBuild images are' >&2",
    "    exit 1",
    "  done",
    "  folder=$(mktemp -d) || exit 1",
    "  trap 'rm -rf \"$folder\"' EXIT",
    "  attempt=1",
    "  while :; do",
    `    ${curl} --connect-timeout 15 --max-time 120 -o "$folder/install.sh" '${url}' 2>"$folder/said" && break`,
    "    code=$?",
    "    said=$(sed -n '$p' \"$folder/said\")",
    '    if [ "$code" = 1 ] || [ "$code" = 22 ] || [ "$attempt" = 4 ]; then',
    `      echo "error: Cannot download ${url}: \${said:-curl ended with $code}" >&2`,
    "      echo 'hint: check --release-url, and that the build can reach it (VPC, proxy, NAT)' >&2",
    "      exit 1",
    "    fi",
    '    echo "$said" >&2',
    "    attempt=$((attempt + 1))",
    "    sleep 2",
    "  done",
    ...(sha256 === undefined ? [] : check(url, sha256)),
    `  sh "$folder/install.sh" --dest "${HOME}" --base-url '${releaseUrl}'`,
    ")",
  ];
}

/** A mirror or a release that was changed can so bring no other installer, and that one no other archive. */
function check(url: string, sha256: string): string[] {
  return [
    '  actual=$(sha256sum <"$folder/install.sh")',
    "  actual=${actual%% *}",
    `  if [ "$actual" != ${sha256} ]; then`,
    `    echo "error: Cannot use ${url}: its sha256 is $actual, not ${sha256}" >&2`,
    `    echo 'hint: --release-url must lead to the files of the release ${VERSION} as they are: installer, SHA256SUMS, archive' >&2`,
    "    exit 1",
    "  fi",
  ];
}

function phase(name: "pre_build" | "build" | "post_build"): string[] {
  return [`  ${name}:`, "    commands:", `      - '"${HOME}/${name}.sh"'`];
}
