import { imageIndex } from "../image_archive.ts";
import type { Assets } from "../release_assets.ts";
import type { ImageFamily } from "../publish_images.ts";
import type { Stage } from "./stage.ts";

/** What is published in a rehearsal. */
export interface Piece {
  readonly tag: string;
  readonly commit: string;
  readonly assets: Assets;
  readonly families: readonly ImageFamily[];
}

/**
 * What must hold however publishing ends, as what is broken of it: a release that anybody sees is whole, its images are
 * what was tried, and nobody is led to images of a release that is not out.
 */
export function brokenPromises(stage: Stage, piece: Piece): string[] {
  const { tag, commit } = piece;
  const released = stage.github.releases.filter((one) => one.tag === tag && !one.draft);
  const wholes = released.filter(({ assets }) => isWhole(assets, piece.assets));
  return [
    ...(released.length > 1 ? ["there are two releases of one tag"] : []),
    ...(wholes.length < released.length ? ["a public release lacks assets, or has others"] : []),
    ...(released.length > 0 && stage.github.tags.get(tag) !== commit
      ? ["what is public was not made from the tag"]
      : []),
    ...piece.families.flatMap((family) => imageProblems(stage, piece, family, released.length > 0)),
  ];
}

/** What must be there once publishing has ended well, as what is missing. */
export function missingPieces(stage: Stage, piece: Piece): string[] {
  const version = piece.tag.slice(1);
  const own = stage.github.releases.filter((one) => one.tag === piece.tag);
  return [
    ...(own.some(({ draft }) => !draft) ? [] : ["nothing is public"]),
    ...(own.some(({ draft }) => draft) ? ["a draft is left"] : []),
    ...piece.families
      .filter((family) => tagsOf(stage, family).get(version) !== indexDigest(family))
      .map(({ name }) => `${name}:${version} does not lead to its image`),
  ];
}

function isWhole(
  there: readonly { name: string; state: string; content: Uint8Array }[],
  assets: Assets,
): boolean {
  const same = there.filter(({ name, state, content }) =>
    state === "uploaded" && assets.get(name)?.toHex() === content.toHex()
  );
  return same.length === assets.size && there.length === assets.size;
}

function imageProblems(stage: Stage, { tag }: Piece, family: ImageFamily, isOut: boolean): string[] {
  const tags = tagsOf(stage, family);
  const version = tag.slice(1);
  const own = indexDigest(family);
  const leading = [...tags].filter(([, digest]) => digest === own).map(([name]) => name);
  return leading.length > 0 && !isOut
    ? [`${family.name}:${leading.join(", ")} leads to images of a release that is not out`]
    : tags.get(version) !== undefined && tags.get(version) !== own && isOut
    ? [`${family.name}:${version} is another image than the release's`]
    : [];
}

function tagsOf({ registry }: Stage, { name }: ImageFamily): ReadonlyMap<string, string> {
  return registry.repository(name.slice(name.indexOf("/") + 1)).tags;
}

function indexDigest({ images }: ImageFamily): string {
  return imageIndex([...images.values()]).digest;
}
