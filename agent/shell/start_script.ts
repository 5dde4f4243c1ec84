import { RunnerError } from "../../shared/program/errors.ts";
import { isExecutable } from "../process/find_program.ts";

/** The script of Atlassian's archive that starts the shell runner. */
export interface StartScript {
  readonly path: string;
  readonly text: string;
  /** Whether it has its executable bit, which some ways of copying lose. */
  readonly executable: boolean;
}

/** Reads the script; rejects with RunnerError where there is none. */
export async function readStartScript(path: string): Promise<StartScript> {
  try {
    return { path, text: await Deno.readTextFile(path), executable: await isExecutable(path) };
  } catch (cause) {
    throw new RunnerError(`Cannot prepare the runner: ${path} cannot be read`, {
      hint: "Install the bundle for the shell runner with install-shell.sh, or set RUNNER_TYPE to docker",
      cause,
    });
  }
}

/** What the script's first line names to run it, `sh` when it names nothing. */
export function interpreterOf(scriptText: string): [string, ...string[]] {
  const [program, ...options] = /^#!\s*(\S.*)/.exec(scriptText)?.[1]?.trim().split(/\s+/) ?? [];
  return program === undefined ? ["/bin/sh"] : [program, ...options];
}

/**
 * Whether the script runs a jar with the `java` of its PATH or JAVA_HOME, which then has the script's stdin, as in every
 * known version of Atlassian's. One that only looks for Java, or asks for its version, runs something else.
 */
export function runsJava(scriptText: string): boolean {
  const lines = scriptText.replaceAll(/\\\r?\n[ \t]*/g, " ").split("\n").map((line) => line.trim());
  return lines.some((line) => JAVA_COMMAND.test(line) && /\s-jar\b/.test(line) && !/(^|[^&])&$/.test(line));
}

const JAVA_COMMAND = /^(?:exec |nohup )?"?(?:\$\{?JAVA_HOME\}?"?\/bin\/)?java"? /;
