import { basename, dirname, join } from "node:path";
import { RunnerError } from "../../shared/program/errors.ts";
import { findProgram } from "../process/find_program.ts";
import { ARGUMENT_FILE, javaArguments } from "./java_arguments.ts";
import { javaMajorVersion } from "./java_version.ts";
import { type CommandResult, runCommand } from "../process/process.ts";
import { remedyFor } from "../runner/build_machine.ts";
import { runnerEnvironment } from "../runner/runner_environment.ts";

/** A Java that can run Atlassian's runner. */
export interface Java {
  readonly file: string;
  /** What JAVA_HOME is to be; undefined where the file is not laid out as a Java home's. */
  readonly home: string | undefined;
  readonly majorVersion: number;
  /** Where it was found, as in «PATH» or «/usr/lib/jvm». */
  readonly foundBy: string;
  /** Whether it takes arguments from a file, as Java 9 and later do; a script in its place may not. */
  readonly takesArgumentFile: boolean;
}

export interface JavaSearch {
  readonly env: Readonly<Record<string, string>>;
  readonly oldestVersion: number;
  /** What asks for that version, as in «/runner/bin/runner.jar». */
  readonly neededBy: string;
  /** Where to look for installed Javas. */
  readonly jvmFolder?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Where Linux distributions, and with them AWS's build images, put their Javas. */
const DEFAULT_FOLDER = "/usr/lib/jvm";
/** A JVM answers within a fraction of a second; a broken one may never. */
const VERSION_TIMEOUT_MS = 15_000;

/**
 * The first suitable Java of JAVA_HOME, the PATH, and the folder of installed JVMs (by name). Rejects with RunnerError,
 * which lists all that was looked at and what was wrong with it.
 */
export async function findJava(search: JavaSearch): Promise<Java> {
  const lookedAt: string[] = [];
  for (const { foundBy, file } of await candidates(search)) {
    const answer = await tryJava(file, search);
    if (typeof answer !== "string") return { file, home: await homeOf(file), foundBy, ...answer };
    lookedAt.push(`${file} from ${foundBy} ${answer}`);
  }
  const found = lookedAt.length === 0 ? "there is none" : lookedAt.join("; ");
  const { oldestVersion, neededBy, jvmFolder = DEFAULT_FOLDER } = search;
  throw new RunnerError(`Cannot find Java ${oldestVersion} or later, which ${neededBy} needs: ${found}`, {
    hint: remedyFor(search.env, {
      container:
        `Use a build image with Java ${oldestVersion} or later, such as aws/codebuild/standard:8.0, or point ` +
        `JAVA_HOME to one; JAVA_HOME, PATH and ${jvmFolder} were looked at`,
      install: `Java ${oldestVersion} or later (as package java-21-amazon-corretto-headless)`,
    }),
  });
}

async function candidates(search: JavaSearch): Promise<Pick<Java, "foundBy" | "file">[]> {
  const list = [];
  const home = search.env.JAVA_HOME ?? "";
  if (home !== "") list.push({ foundBy: "JAVA_HOME", file: join(home, "bin", "java") });
  const onPath = await findProgram("java", search.env.PATH);
  if (onPath !== undefined) list.push({ foundBy: "PATH", file: onPath });
  const folder = search.jvmFolder ?? DEFAULT_FOLDER;
  for (const name of await namesIn(folder)) {
    list.push({ foundBy: folder, file: join(folder, name, "bin", "java") });
  }
  return list;
}

/** What a suitable Java is capable of, else what is wrong with the file. */
async function tryJava(
  file: string,
  search: JavaSearch,
): Promise<Pick<Java, "majorVersion" | "takesArgumentFile"> | string> {
  const byFile = await ask(file, [ARGUMENT_FILE], search, javaArguments(["-version"]));
  const takesArgumentFile = typeof versionIn(byFile) === "number";
  // What cannot be started, or hangs, does so with other arguments too.
  const final = takesArgumentFile || byFile.startFailure !== undefined || byFile.timedOut;
  const version = versionIn(final ? byFile : await ask(file, ["-version"], search));
  if (typeof version === "string") return version;
  return version >= search.oldestVersion
    ? { majorVersion: version, takesArgumentFile }
    : `is Java ${version}`;
}

function ask(
  file: string,
  args: readonly string[],
  { env, signal }: JavaSearch,
  input?: string,
): Promise<CommandResult> {
  const options = { env: runnerEnvironment(env), timeoutMs: VERSION_TIMEOUT_MS, signal };
  return runCommand(file, args, input === undefined ? options : { ...options, input });
}

/** The version in an answer, else why there is none. */
function versionIn(result: CommandResult): number | string {
  if (result.startFailure !== undefined) return `cannot be started (${result.startFailure})`;
  if (result.timedOut) return `gave no answer within ${VERSION_TIMEOUT_MS / 1000} s`;
  if (result.exitCode !== 0) return `ended with ${result.exitCode ?? "a signal"} when asked for its version`;
  return javaMajorVersion(`${result.stderr}\n${result.stdout}`) ?? "did not name its version";
}

async function homeOf(file: string): Promise<string | undefined> {
  const bin = dirname(await Deno.realPath(file));
  return basename(bin) === "bin" ? dirname(bin) : undefined;
}

async function namesIn(folder: string): Promise<string[]> {
  // Images without Java have no such folder.
  const entries = await Array.fromAsync(Deno.readDir(folder)).catch(() => []);
  return entries.filter((entry) => (entry.isDirectory || entry.isSymlink) && !entry.name.startsWith("."))
    .map(({ name }) => name)
    .sort();
}
