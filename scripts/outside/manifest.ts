import { createHash } from "node:crypto";
import { CHECKOUT } from "../programs/checkout.ts";

/** Where the manifest stands in a checkout. */
export const MANIFEST = "scripts/outside.lock.json";
/** Stands for a hash that nobody has seen yet; none is ever made up. */
export const NOT_RECORDED = "not recorded yet";

/**
 * One thing that comes from outside, and what it must hash to: a package's integrity as npm writes it, the sha256 of a
 * download, or an image's digest.
 */
export type Outside =
  & { readonly version: string; readonly hash: string }
  & (
    | { readonly npm: string }
    | { readonly url: string }
    | { readonly image: string; readonly usedIn: readonly string[] }
  );
export type Download = Extract<Outside, { readonly url: string }>;
export type Image = Extract<Outside, { readonly image: string }>;
export type Manifest = Readonly<Record<string, Outside>>;

/** All that comes from outside, with the version and the hash that the project pins. */
export async function readManifest(checkout: string = CHECKOUT): Promise<Manifest> {
  return JSON.parse(await Deno.readTextFile(`${checkout}/${MANIFEST}`));
}

/** What the project pins of a download, by its name in the manifest. */
export async function pinnedDownload(name: string): Promise<Download> {
  const found = (await readManifest())[name];
  if (found !== undefined && "url" in found) return found;
  throw new Error(`Cannot find ${name}: ${MANIFEST} has no such download`);
}

/** Where a download is. */
export function addressOf({ url, version }: Download): string {
  return url.replaceAll("{version}", version);
}

/** Whether somebody has seen what the hash belongs to. */
export function isRecorded({ hash }: Pick<Outside, "hash">): boolean {
  return hash !== NOT_RECORDED;
}

/** Throws when something else was downloaded than the manifest pins; what it does not pin yet passes. */
export function verifyDownload(content: Uint8Array, pinned: Download, from: string): void {
  const sha256 = createHash("sha256").update(content).digest("hex");
  if (!isRecorded(pinned) || pinned.hash === sha256) return;
  throw new Error(`Cannot use ${from}: its sha256 is ${sha256}, and ${MANIFEST} has ${pinned.hash}`);
}

/** How an image is named where it is used: by its digest too, once that is recorded. */
export function imageReference({ image, version, hash }: Image): string {
  return hash === NOT_RECORDED ? `${image}:${version}` : `${image}:${version}@${hash}`;
}

/** A file's text with an image named as the manifest has it. */
export function withImage(text: string, image: Image): string {
  const plain = `${image.image}:${image.version}`.replaceAll(".", "\\.");
  return text.replaceAll(
    new RegExp(`(?<![\\w./-])${plain}(?:@sha256:[0-9a-f]{64})?(?![\\w.@-])`, "g"),
    imageReference(image),
  );
}
