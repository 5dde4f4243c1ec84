import { createHash } from "node:crypto";
import { download } from "./download.ts";
import { imageDigest } from "./image_digest.ts";
import { addressOf, type Outside } from "./manifest.ts";

/** What a thing of the manifest hashes to now, in the manifest's form. Throws where it cannot be had. */
export async function lookUp(outside: Outside): Promise<string> {
  if ("npm" in outside) return await packageIntegrity(outside.npm, outside.version);
  if ("image" in outside) return await imageDigest(outside.image, outside.version);
  return createHash("sha256").update(await download(addressOf(outside))).digest("hex");
}

/** What npm's registry, or the mirror that npm is set up with, says; npm holds the package itself against that. */
async function packageIntegrity(name: string, version: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("npm", {
    args: ["view", `${name}@${version}`, "dist.integrity"],
    stdin: "null",
  }).output();
  const integrity = new TextDecoder().decode(stdout).trim();
  if (success && /^sha512-\S+$/.test(integrity)) return integrity;
  const problem = new TextDecoder().decode(stderr).trim().split("\n")[0];
  throw new Error(problem || `npm knows no integrity of ${name}@${version}`);
}
