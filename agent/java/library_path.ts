import { join } from "node:path";
import type { Java } from "./java.ts";

/**
 * The LD_LIBRARY_PATH under which Java does not start itself anew: where the variable leads to a JVM, and not to the
 * Java's own first, its launcher puts that there and begins again, with all arguments of the file on its command line
 * (OpenJDK, java_md.c). So the same is put there beforehand. Undefined where the variable can stay as it is.
 */
export async function libraryPath(
  env: Readonly<Record<string, string>>,
  { home }: Pick<Java, "home">,
): Promise<string | undefined> {
  const present = env["LD_LIBRARY_PATH"] ?? "";
  const suspects = present.split(":").filter((folder) => /lib\/(server|client)/.test(folder));
  if (suspects.length === 0 || home === undefined) return undefined;
  const own = join(home, "lib", "server");
  if (present.startsWith(own) || !await hasJvm(own)) return undefined;
  const leadsToJvm = (await Promise.all(suspects.map(hasJvm))).includes(true);
  return leadsToJvm ? [own, join(home, "lib"), `${home}/../lib`, present].join(":") : undefined;
}

async function hasJvm(folder: string): Promise<boolean> {
  return await Deno.stat(join(folder, "libjvm.so")).then(({ isFile }) => isFile, () => false);
}
