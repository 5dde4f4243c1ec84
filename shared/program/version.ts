import manifest from "../../deno.json" with { type: "json" };

/** The product's semantic version; deno.json is its only source, and a release's tag is `v` and this. */
export const VERSION: string = manifest.version;

/** Where scripts/programs/bundle_program.ts writes the commit into a bundled program; it must occur in a bundle exactly once. */
const EMBEDDED = "@commit@";

/** The commit a bundled or compiled program was made from; undefined when it runs from source. */
export const COMMIT: string | undefined = /^[0-9a-f]{7,40}(-dirty)?$/.exec(EMBEDDED)?.[0];

/** What `--version` prints, as in «start-runner 1.0.0 (0a1b2c3d4e5f)». */
export function versionLine(program: string): string {
  return `${program} ${VERSION} (${COMMIT ?? "from source"})`;
}
