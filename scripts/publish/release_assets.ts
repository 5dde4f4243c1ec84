import { createHash } from "node:crypto";

/** What is to be published, by the names of the assets. */
export type Assets = ReadonlyMap<string, Uint8Array>;

/** The assets in a folder, each held against SHA256SUMS, which has to name all of them but one that may be `beside`. */
export async function readAssets(folder: string, beside?: string): Promise<Assets> {
  const assets = new Map<string, Uint8Array>();
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (isFile) assets.set(name, await Deno.readFile(`${folder}/${name}`));
  }
  const sums = new TextDecoder().decode(assets.get("SHA256SUMS"));
  const known = new Map(
    [...sums.matchAll(/^([0-9a-f]{64}) [ *](.+)$/gm)].map(([, hash, name]) => [name, hash]),
  );
  const wrong = [...assets].filter(([name, content]) =>
    name !== "SHA256SUMS" && name !== beside &&
    known.get(name) !== createHash("sha256").update(content).digest("hex")
  ).map(([name]) => name);
  const missing = [...known.keys()].filter((name = "") => !assets.has(name));
  if (known.size === 0 || wrong.length > 0 || missing.length > 0) {
    throw new Error(
      `Cannot publish ${folder}: SHA256SUMS does not fit (${
        [...wrong.map((name) => `another ${name}`), ...missing.map((name) => `no ${name}`)].join(", ") ||
        "it is empty"
      })`,
    );
  }
  return new Map([...assets].sort(([one], [other]) => one < other ? -1 : 1));
}
