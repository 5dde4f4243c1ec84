import { denoCommand } from "./deno_command.ts";
import { PROPERTY_PREFIX } from "./runner_values.ts";
import { shellQuote } from "../../programs/shell_quote.ts";

/** The oldest Java that Atlassian's runner accepts. */
const OLDEST_JAVA = 11;

/**
 * The JAVA_HOME that CodeBuild's images set, made in `folder`. Its Java runs the stand-in runner; for anything else it becomes
 * the machine's own, where there is one that is new enough.
 */
export async function javaHome(folder: string, env: Readonly<Record<string, string>>): Promise<string> {
  const runner = await denoCommand("stand_in/stand_in_runner.ts");
  await Deno.mkdir(`${folder}/java/bin`, { recursive: true });
  await Deno.writeTextFile(`${folder}/java/bin/java`, javaScript(runner, await realJava(env)), {
    mode: 0o755,
  });
  return `${folder}/java`;
}

/** The text of a file of arguments is read once, as by Java: it may come by a pipe. */
function javaScript(runner: string, real: string | undefined): string {
  return `#!/bin/sh
# Java of a build in the local cloud: tells its version, and runs the stand-in for Atlassian's runner.
case $1 in
@*)
  words=$(cat "\${1#@}") || exit
  case $words in
  *${PROPERTY_PREFIX}*)
    exec ${runner} @/dev/stdin <<END
$words
END
    ;;
  *-version*) set -- -version ;;
  esac
  ;;
esac
case "$*" in
*-D${PROPERTY_PREFIX}*) exec ${runner} "$@" ;;
-version)
  cat >&2 <<END
openjdk version "17.0.13" 2024-10-15 LTS
OpenJDK Runtime Environment Corretto-17.0.13.11.1 (build 17.0.13+11-LTS)
OpenJDK 64-Bit Server VM Corretto-17.0.13.11.1 (build 17.0.13+11-LTS, mixed mode, sharing)
END
  exit
  ;;
esac
${real === undefined ? NO_MORE : `exec ${shellQuote(real)} "$@"`}
`;
}

const NO_MORE = `echo "This Java runs the stand-in runner alone" >&2
exit 1`;

async function realJava(env: Readonly<Record<string, string>>): Promise<string | undefined> {
  const known = env["JAVA_HOME"];
  for (const java of [...(known ? [`${known}/bin/java`] : []), ...javasOnPath(env["PATH"] ?? "")]) {
    if (await javaVersion(java) >= OLDEST_JAVA) return await Deno.realPath(java);
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
