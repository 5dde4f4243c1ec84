import type { BitbucketSettings } from "./bitbucket_settings.ts";
import type { Step } from "./pipeline.ts";
import type { CloneDepth } from "./pipeline_file.ts";

/**
 * A step's script, with the repository's files and the artifacts of the steps before in its folder; its own artifacts
 * are kept for those after it. All steps run on this machine, whoever serves them, so that a folder stands for
 * Bitbucket's store. What the script does with its shell, such as `cd` or `exit`, ends with it.
 */
export function scriptWithFiles(
  { pipeline, definition }: Step,
  { folder, sources }: Pick<BitbucketSettings, "folder" | "sources">,
): string {
  const { artifacts, cloneDepth, clones, script, takesArtifacts } = definition;
  const store = quoted(`${folder}/artifacts/${pipeline.uuid}`);
  const before = [
    ...(clones && sources !== undefined ? cloned(sourceFolder(sources, cloneDepth)) : []),
    ...(takesArtifacts ? [`if [ -d ${store} ]; then cp -R ${store}/. . || exit; fi`] : []),
  ];
  if (artifacts.length === 0) return [...before, stepScript(script)].join("\n");
  return [
    ...before,
    `(\n${stepScript(script)}\n)`,
    "local_cloud_exit_code=$?",
    'if [ "$local_cloud_exit_code" -ne 0 ]; then exit "$local_cloud_exit_code"; fi',
    `mkdir -p ${store} || exit`,
    `bash ${GLOBS} -c ${quoted(KEEP)} ${store} ${artifacts.map(quoted).join(" ")}`,
  ].join("\n");
}

/** To Git a copied file may have changed, until it has had a look. */
function cloned(source: string): string[] {
  return [
    `cp -R ${quoted(source)}/. . || exit`,
    "if [ -d .git ]; then git update-index -q --refresh >/dev/null 2>&1; fi",
  ];
}

const GLOBS = "-O globstar -O nullglob -O dotglob";

/** By tar, since links are to stay links and there may be thousands of files. What is missing, or elsewhere, is none. */
const KEEP = [
  "set -o pipefail; IFS=",
  "for pattern; do",
  "  case $pattern in /* | .. | ../* | */.. | */../*) continue ;; esac",
  "  for file in $pattern; do",
  '    if [ -e "$file" ] || [ -L "$file" ]; then printf "%s\\0" "$file"; fi',
  "  done",
  "done |",
  'tar -c --null --verbatim-files-from --no-recursion -T - | tar -x -C "$0"',
].join("\n");

function sourceFolder(sources: NonNullable<BitbucketSettings["sources"]>, depth: CloneDepth): string {
  return typeof sources === "string" ? sources : sources(depth);
}

/** A step's commands as one shell script that shows each command and stops at the first that fails. */
export function stepScript(commands: readonly string[]): string {
  return ["set -e", ...commands.flatMap((command) => [`printf '+ %s\\n' ${quoted(command)}`, command]), ""]
    .join("\n");
}

/** A text as one word of a shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
