import { messageOf } from "../../shared/program/errors.ts";
import type { Logger } from "../../shared/output/log.ts";
import { listZip, readZipEntry, type ZipEntry } from "./zip_file.ts";

/** What every version of Atlassian's runner needs at least (its page on Linux shell runners). */
const OLDEST_OF_ALL = 11;
const CLASS_MAGIC = 0xcafebabe;
/** A class file's major version less this is the Java that it was compiled for (JVM specification, table 4.1-A). */
const MAJOR_OF_JAVA_0 = 44;

/**
 * The oldest Java that runs Atlassian's runner, by what its jar was compiled for, which no version number of the runner
 * tells. Java 11, with a line in the log, where the jar does not tell it.
 */
export async function oldestJavaFor(jar: string, log: Logger): Promise<number> {
  try {
    return Math.max(OLDEST_OF_ALL, await javaOfJar(jar));
  } catch (error) {
    log.info(
      `Cannot tell which Java ${jar} needs, so ${OLDEST_OF_ALL} or later is looked for: ${messageOf(error)}`,
    );
    return OLDEST_OF_ALL;
  }
}

async function javaOfJar(jar: string): Promise<number> {
  using file = await Deno.open(jar);
  const entries = await listZip(file);
  const manifest = entries.find(({ name }) => name === "META-INF/MANIFEST.MF");
  const text = manifest === undefined ? "" : new TextDecoder().decode(await readZipEntry(file, manifest));
  const chosen = chooseClass(entries, text);
  if (chosen === undefined) throw new Error("there is no class in it");
  const bytes = await readZipEntry(file, chosen);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.byteLength < 8 || view.getUint32(0) !== CLASS_MAGIC) throw new Error(`${chosen.name} is no class`);
  return view.getUint16(6) - MAJOR_OF_JAVA_0;
}

/**
 * The class that a jar begins with: of Spring Boot's jars the application's own rather than the loader's, which is made for
 * older Javas too. Without a word of the manifest's the first one, those for newer Javas alone left out.
 */
function chooseClass(entries: readonly ZipEntry[], manifest: string): ZipEntry | undefined {
  const start = attribute(manifest, "Start-Class");
  const main = attribute(manifest, "Main-Class");
  const named = [start && `BOOT-INF/classes/${start}`, start, main].filter((path) => path !== undefined);
  const found = named.map((path) => entries.find(({ name }) => name === `${path}.class`));
  return found.find((entry) => entry !== undefined) ??
    entries.find(({ name }) =>
      name.endsWith(".class") && !name.startsWith("META-INF/") && !/(^|\/)module-info\.class$/.test(name)
    );
}

/** A class named in a manifest, as a path. Lines of more than 72 bytes go on after a blank (the jar file specification). */
function attribute(manifest: string, name: string): string | undefined {
  const lines = manifest.replaceAll(/\r?\n /g, "").split(/\r?\n/);
  const value = lines.find((line) => line.startsWith(`${name}:`))?.slice(name.length + 1).trim();
  return value ? value.replaceAll(".", "/") : undefined;
}
