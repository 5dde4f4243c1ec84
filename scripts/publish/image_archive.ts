import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { unpackTar } from "modern-tar";

/** Something that a registry keeps, by the hash of its bytes. */
export interface Blob {
  readonly mediaType: string;
  /** As in `sha256:…`. */
  readonly digest: string;
  readonly content: Uint8Array;
}

/** An image for one architecture, as it goes to a registry. */
export interface LocalImage {
  readonly manifest: Blob;
  readonly blobs: readonly Blob[];
  readonly platform: { readonly os: string; readonly architecture: string; readonly variant?: string };
}

const KIND = "application/vnd.oci.image";

/**
 * The image in an archive of `docker save`, compressed or not. Its digest depends on the archive alone, so that it is
 * known before anything is pushed. Source: OCI image spec; Docker's image spec 1.2, the archive's manifest.json.
 */
export async function imageFromArchive(archive: Uint8Array): Promise<LocalImage> {
  const files = new Map<string, Uint8Array>();
  const tar = archive[0] === 0x1f && archive[1] === 0x8b ? gunzipSync(archive) : archive;
  for (const { header, data } of await unpackTar(tar)) files.set(header.name, data ?? new Uint8Array());
  const [image, ...others] = parsed<{ Config: string; Layers: string[] }[]>(fileOf(files, "manifest.json"));
  if (image === undefined || others.length > 0) {
    throw new Error("Cannot use the archive: it must hold one image");
  }
  const config = blob(`${KIND}.config.v1+json`, fileOf(files, image.Config));
  const layers = image.Layers.map((path) =>
    blob(`${KIND}.layer.v1.tar+gzip`, compressed(fileOf(files, path)))
  );
  const { os, architecture, variant } = parsed<LocalImage["platform"]>(config.content);
  const manifest = json(`${KIND}.manifest.v1+json`, {
    config: descriptor(config),
    layers: layers.map(descriptor),
  });
  return {
    manifest,
    blobs: [config, ...layers],
    platform: { os, architecture, ...(variant === undefined ? {} : { variant }) },
  };
}

/** What joins the architectures of an image under one name. */
export function imageIndex(images: readonly LocalImage[]): Blob {
  return json(`${KIND}.index.v1+json`, {
    manifests: images.map(({ manifest, platform }) => ({ ...descriptor(manifest), platform })),
  });
}

function json(mediaType: string, value: object): Blob {
  const text = JSON.stringify({ schemaVersion: 2, mediaType, ...value });
  return blob(mediaType, new TextEncoder().encode(text));
}

function blob(mediaType: string, content: Uint8Array): Blob {
  return { mediaType, digest: `sha256:${createHash("sha256").update(content).digest("hex")}`, content };
}

function descriptor({ mediaType, digest, content }: Blob) {
  return { mediaType, digest, size: content.length };
}

/** Newer versions of Docker save layers that are compressed already. */
function compressed(layer: Uint8Array): Uint8Array {
  return layer[0] === 0x1f && layer[1] === 0x8b ? layer : gzipSync(layer);
}

function fileOf(files: ReadonlyMap<string, Uint8Array>, path: string): Uint8Array {
  const file = files.get(path);
  if (file === undefined) throw new Error(`Cannot use the archive: it has no ${path}`);
  return file;
}

function parsed<T>(content: Uint8Array): T {
  return JSON.parse(new TextDecoder().decode(content));
}
