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

/**
 * Where scripts/programs/pin_installers.ts writes what a release's installers hash to, in place, once there are
 * installers; zeros stand for what is not known. Each name must occur in a program exactly once.
 */
let installers = "install-shell.sh=0000000000000000000000000000000000000000000000000000000000000000 " +
  "install-docker.sh=0000000000000000000000000000000000000000000000000000000000000000";

/** The sha256 of an installer of this program's own release, as in `install-shell.sh`; undefined without a release. */
export function installerHash(asset: string): string | undefined {
  const hash =
    installers.split(" ").find((entry) => entry.startsWith(`${asset}=`))?.slice(asset.length + 1) ?? "";
  return /^[0-9a-f]{64}$/.test(hash) && !/^0+$/.test(hash) ? hash : undefined;
}

/** Tells a program that runs from source what a release's wrapper knows of its installers, in the form of the above. */
export function knowInstallers(hashes: string): void {
  installers = hashes;
}
