import { packTar } from "modern-tar";
import { type Architecture, ARCHITECTURES } from "../../programs/asset_names.ts";
import { imageFromArchive, type LocalImage } from "../image_archive.ts";

const DOCKERS_NAMES: Readonly<Record<Architecture, string>> = { x86_64: "amd64", arm64: "arm64" };

/** Small images of a type, one for each architecture, by way of archives like those of `docker save`. */
export async function sampleImages(type: string, content = "start-runner"): Promise<Map<string, LocalImage>> {
  const images = new Map<string, LocalImage>();
  for (const arch of ARCHITECTURES) {
    images.set(
      arch,
      await imageFromArchive(await savedImage(DOCKERS_NAMES[arch], `${content} ${type} ${arch}`)),
    );
  }
  return images;
}

/** An archive as `docker save` writes it, of one layer with one file. */
export async function savedImage(architecture: string, content: string): Promise<Uint8Array> {
  const layer = await tar({ "usr/local/bin/start-runner": content });
  return await tar({
    "config.json": JSON.stringify({ architecture, os: "linux", rootfs: { type: "layers", diff_ids: [] } }),
    "layer/layer.tar": layer,
    "manifest.json": JSON.stringify([{ Config: "config.json", Layers: ["layer/layer.tar"] }]),
  });
}

async function tar(files: Readonly<Record<string, string | Uint8Array>>): Promise<Uint8Array> {
  return await packTar(
    Object.entries(files).map(([name, text]) => {
      const body = typeof text === "string" ? new TextEncoder().encode(text) : text;
      return { header: { name, type: "file", size: body.length, mode: 0o644, mtime: new Date(0) }, body };
    }),
  );
}
