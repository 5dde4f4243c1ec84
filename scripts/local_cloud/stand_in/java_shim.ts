/** The oldest Java that Atlassian's runner accepts. */
const OLDEST_JAVA = 11;

const JAVA = `#!/bin/sh
# Stands in for the Java of CodeBuild's images, on a machine that has none; the stand-in runner does not need it.
cat >&2 <<'END'
openjdk version "17.0.13" 2024-10-15 LTS
OpenJDK Runtime Environment Corretto-17.0.13.11.1 (build 17.0.13+11-LTS)
OpenJDK 64-Bit Server VM Corretto-17.0.13.11.1 (build 17.0.13+11-LTS, mixed mode, sharing)
END
`;

/**
 * The JAVA_HOME that CodeBuild's images set: that of the machine's own Java when it is new enough, else a
 * stand-in made in `folder`.
 */
export async function javaHome(folder: string, env: Readonly<Record<string, string>>): Promise<string> {
  const real = await realJavaHome(env);
  if (real !== undefined) return real;
  await Deno.mkdir(`${folder}/java/bin`, { recursive: true });
  await Deno.writeTextFile(`${folder}/java/bin/java`, JAVA, { mode: 0o755 });
  return `${folder}/java`;
}

async function realJavaHome(env: Readonly<Record<string, string>>): Promise<string | undefined> {
  const known = env["JAVA_HOME"];
  for (const java of [...(known ? [`${known}/bin/java`] : []), ...javasOnPath(env["PATH"] ?? "")]) {
    if (await javaVersion(java) >= OLDEST_JAVA) {
      return (await Deno.realPath(java)).replace(/\/bin\/java$/, "");
    }
  }
  return undefined;
}

function javasOnPath(path: string): string[] {
  return path.split(":").filter((folder) => folder !== "").map((folder) => `${folder}/java`);
}

/** The major version, or 0 when this is no Java that works. */
async function javaVersion(java: string): Promise<number> {
  try {
    const { stderr } = await new Deno.Command(java, { args: ["-version"], stdin: "null" }).output();
    const version = /version "(?:1\.)?(\d+)/.exec(new TextDecoder().decode(stderr));
    return Number(version?.[1] ?? 0);
  } catch {
    return 0;
  }
}
