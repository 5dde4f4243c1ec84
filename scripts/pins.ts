import process from "node:process";
import { Command } from "commander";
import { lookUp } from "./outside/look_up.ts";
import { MANIFEST, type Manifest, readManifest, withImage } from "./outside/manifest.ts";
import { refresh } from "./outside/refresh.ts";
import { requireRecorded } from "./outside/require_recorded.ts";
import { CHECKOUT } from "./programs/checkout.ts";

const command = new Command("deno task pins")
  .description(
    `Looks at everything that ${MANIFEST} pins, shows what differs, and writes it there and where images are named.`,
  )
  .option("--checkout <dir>", "the checkout to write to", CHECKOUT)
  .option("--check", "look at nothing, only say what has no hash yet; ends with 1 when something has none")
  .action(async ({ checkout, check }: { checkout: string; check?: true }) => {
    if (check) return requireRecorded(await readManifest(checkout));
    const { manifest, lines, unreached } = await refresh(await readManifest(checkout), lookUp);
    for (const line of lines) process.stdout.write(`${line}\n`);
    await Deno.writeTextFile(`${checkout}/${MANIFEST}`, `${JSON.stringify(manifest, null, 2)}\n`);
    await nameImages(manifest, checkout);
    if (unreached.length === 0) return;
    process.stderr.write(`error: Cannot look at ${unreached.join(", ")}: see above\n`);
    process.exitCode = 1;
  });

try {
  await command.parseAsync(Deno.args, { from: "user" });
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}

async function nameImages(manifest: Manifest, checkout: string): Promise<void> {
  for (const outside of Object.values(manifest)) {
    if (!("image" in outside)) continue;
    for (const path of outside.usedIn) {
      const file = `${checkout}/${path}`;
      await Deno.writeTextFile(file, withImage(await Deno.readTextFile(file), outside));
    }
  }
}
