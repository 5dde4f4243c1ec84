import { imageDigest } from "../outside/image_digest.ts";
import type { ContainerRegistry } from "./container_registry.ts";
import { imageIndex, type LocalImage } from "./image_archive.ts";

/** The images of one runner type: one name, an image for each architecture. */
export interface ImageFamily {
  /** As users write it, without a tag. */
  readonly name: string;
  readonly registry: ContainerRegistry;
  /** How long an answer may take where nobody is logged in, in milliseconds. */
  readonly timeoutMs?: number;
  /** By the architecture's name in the assets, as in `x86_64`. */
  readonly images: ReadonlyMap<string, LocalImage>;
}

type Say = (line: string) => void;

/**
 * Pushes the images of a version under a tag for each architecture, which nobody is told of. Refuses a version whose own
 * tag is taken by something else: what people have pulled must not change.
 */
export async function pushArchitectures(family: ImageFamily, version: string, say: Say): Promise<void> {
  await refuseTaken(family, version);
  for (const [arch, image] of family.images) {
    await family.registry.pushImage(image, `${version}-${arch}`);
    say(`Pushed ${family.name}:${version}-${arch}, ${image.manifest.digest}`);
  }
}

/** Joins the architectures under the version's own tag, which stays as it is from then on. */
export async function pushVersion(family: ImageFamily, version: string, say: Say): Promise<void> {
  await refuseTaken(family, version);
  const index = imageIndex([...family.images.values()]);
  await family.registry.putManifest(index, version);
  say(`${family.name}:${version} leads to ${index.digest}`);
}

/** Lets tags that move along lead to the version. */
export async function moveTags(family: ImageFamily, tags: readonly string[], say: Say): Promise<void> {
  const index = imageIndex([...family.images.values()]);
  for (const tag of tags) {
    if (await family.registry.digestOf(tag) === index.digest) continue;
    await family.registry.putManifest(index, tag);
    say(`${family.name}:${tag} moved to ${index.digest}`);
  }
}

/** Pulls what was pushed as anybody would, without an account: the version, or its architectures before there is one. */
export async function pullAnonymously(
  family: ImageFamily,
  version: string,
  what: "version" | "architectures",
): Promise<void> {
  const { images } = family;
  if (what === "version") return await pullOne(family, version, imageIndex([...images.values()]).digest);
  for (const [arch, { manifest }] of images) await pullOne(family, `${version}-${arch}`, manifest.digest);
}

async function pullOne({ name, timeoutMs }: ImageFamily, tag: string, own: string): Promise<void> {
  const remedy =
    "a package of GitHub's may start private: set its visibility to public (the package's page, Package " +
    "settings, Danger Zone), and run this job again";
  let digest: string;
  try {
    digest = await imageDigest(name, tag, timeoutMs);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : cause;
    throw new Error(`Cannot pull ${name}:${tag} without an account: ${why}; ${remedy}`, { cause });
  }
  if (digest !== own) throw new Error(`Cannot trust ${name}:${tag}: it leads to ${digest}, not to ${own}`);
}

async function refuseTaken({ name, registry, images }: ImageFamily, version: string): Promise<void> {
  const taken = await registry.digestOf(version);
  const { digest } = imageIndex([...images.values()]);
  if (taken === undefined || taken === digest) return;
  throw new Error(
    `Cannot publish ${name}:${version}: it leads to ${taken} already, and this is ${digest}; ` +
      "what is out stays as it is, so publish a new version",
  );
}
