import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { RUNNER_TYPES } from "../../shared/settings/runner_type.ts";
import { installerAsset } from "./asset_names.ts";

const LENGTH = 64;

/** As shared/program/version.ts has it while there are no installers; a wrapper hands it on. */
export const NO_INSTALLERS = RUNNER_TYPES
  .map((type) => `${installerAsset(type)}=${"0".repeat(LENGTH)}`)
  .join(" ");

/**
 * start-runner in whatever form, with the sha256 of its release's installers in it. They take the place of others of
 * the same length, so that an executable can be compiled before there are installers, and tried as it is. Throws
 * where there is no such place, or more than one.
 */
export function pinInstallers(
  program: Uint8Array,
  installers: ReadonlyMap<string, Uint8Array>,
): Uint8Array {
  const pinned = Buffer.from(program);
  for (const [asset, content] of installers) {
    const at = placeOf(pinned, asset);
    pinned.write(createHash("sha256").update(content).digest("hex"), at, "latin1");
  }
  return new Uint8Array(pinned);
}

function placeOf(program: Buffer, asset: string): number {
  const mark = `${asset}=`;
  const places: number[] = [];
  for (let at = program.indexOf(mark); at !== -1; at = program.indexOf(mark, at + 1)) {
    const place = at + mark.length;
    if (/^[0-9a-f]{64}$/.test(program.toString("latin1", place, place + LENGTH))) places.push(place);
  }
  const [place] = places;
  if (place !== undefined && places.length === 1) return place;
  throw new Error(
    `Cannot tell start-runner the sha256 of ${asset}: it has ${places.length} places for it instead of one`,
  );
}
