import { START_SCRIPT } from "./start_script.ts";

/** A jar with the beginning of one class, as it is compiled for Java 11: the agent looks at it, and nobody runs it. */
const JAR =
  "UEsDBBQAAAAAAAAAAAAAAAAACgAAAAoAAAAKAAQATWFpbi5jbGFzcwAAAADK/rq+AAAANwABUEsBAhQAFAAAAAAAAAAAAAAAAAAKAAAACgAAAAoAAAAA" +
  "AAAAAAAAAAAAAAAAAE1haW4uY2xhc3NQSwUGAAAAAAEAAQA4AAAANgAAAAAA";

/**
 * Makes an archive laid out as Atlassian's runner archive; the local cloud's Java takes the stand-in runner for its jar.
 * `file` ends in .tar.gz.
 */
export async function makeStandInArchive(file: string): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "stand-in-archive-" });
  try {
    await Deno.mkdir(`${folder}/bin`);
    await Deno.writeTextFile(
      `${folder}/README.md`,
      "A stand-in for Atlassian's runner, for the local cloud.\n",
    );
    await Deno.writeFile(`${folder}/bin/runner.jar`, Uint8Array.fromBase64(JAR));
    await Deno.writeTextFile(`${folder}/bin/start.sh`, START_SCRIPT, { mode: 0o755 });
    await pack(file, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function pack(file: string, folder: string): Promise<void> {
  const args = ["-czf", file, "-C", folder, "README.md", "bin"];
  const { success, stderr } = await new Deno.Command("tar", { args, stdin: "null" }).output();
  if (!success) throw new Error(`Cannot make archive: tar answered ${new TextDecoder().decode(stderr)}`);
}
