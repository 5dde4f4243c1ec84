import type { BitbucketSettings } from "./bitbucket_settings.ts";
import type { Step } from "./pipeline.ts";

/**
 * A step's script, with the repository's files and the artifacts of the steps before in its folder; its own artifacts
 * are kept for those after it. All steps run on this machine, whoever serves them, so that a folder stands for
 * Bitbucket's store.
 */
export function scriptWithFiles(
  { pipeline, definition }: Step,
  { folder, sources }: Pick<BitbucketSettings, "folder" | "sources">,
): string {
  const { artifacts, clones, script } = definition;
  const store = quoted(`${folder}/artifacts/${pipeline.uuid}`);
  return [
    ...(clones && sources !== undefined ? [`cp -R ${quoted(sources)}/. .`] : []),
    `if [ -d ${store} ]; then cp -R ${store}/. .; fi`,
    stepScript(script),
    ...(artifacts.length === 0 ? [] : [
      `mkdir -p ${store}`,
      `bash -O globstar -O nullglob -c ${quoted(KEEP)} ${store} ${artifacts.map(quoted).join(" ")}`,
    ]),
  ].join("\n");
}

const KEEP =
  'IFS=; for pattern; do for file in $pattern; do [ -d "$file" ] || cp --parents "$file" "$0"; done; done';

/** A step's commands as one shell script that shows each command and stops at the first that fails. */
export function stepScript(commands: readonly string[]): string {
  return ["set -e", ...commands.flatMap((command) => [`printf '+ %s\\n' ${quoted(command)}`, command]), ""]
    .join("\n");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
