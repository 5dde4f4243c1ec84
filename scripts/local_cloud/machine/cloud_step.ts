import { CONTAINER_VARIABLE, killContainer } from "./process_tree.ts";
import { readLines } from "./read_lines.ts";
import { stepShell } from "./step_shell.ts";

/** A step in Bitbucket's own cloud, ready to be run. */
export interface CloudStep {
  readonly stepUuid: string;
  readonly name: string;
  readonly script: string;
  readonly afterScript: string | undefined;
  readonly env: Readonly<Record<string, string>>;
}

/** Runs a cloud step and resolves to its exit code; ends it when the signal aborts. */
export type RunCloudStep = (
  step: CloudStep,
  onLine: (line: string) => void,
  signal: AbortSignal,
) => Promise<number>;

/** The mark by which the processes of a step in Bitbucket's cloud are found. */
export function containerOf({ uuid }: { readonly uuid: string }): string {
  return uuid.replace(/[{}]/g, "");
}

/** Runs cloud steps as child processes of this machine, each in a folder of its own below `folder`. */
export function cloudStepsIn(folder: string): RunCloudStep {
  return async (step, onLine, signal) => {
    const container = containerOf({ uuid: step.stepUuid });
    const home = `${folder}/${container}`;
    await Deno.mkdir(`${home}/build`, { recursive: true });
    const kill = () => void killContainer(container);
    signal.addEventListener("abort", kill);
    // By a file: what a process is given as arguments or environment may have 128 KB at most.
    const run = async (script: string, exitCode?: number) => {
      await Deno.writeTextFile(`${home}/script`, script);
      // An abort before this one has found no process to end.
      if (signal.aborted) return KILLED;
      return await runScript(`${home}/build`, {
        PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin",
        HOME: home,
        BITBUCKET_CLONE_DIR: `${home}/build`,
        ...step.env,
        ...(exitCode === undefined ? {} : { BITBUCKET_EXIT_CODE: String(exitCode) }),
        [CONTAINER_VARIABLE]: container,
      }, onLine);
    };
    try {
      const exitCode = await run(step.script);
      if (step.afterScript !== undefined && !signal.aborted) await run(step.afterScript, exitCode);
      return exitCode;
    } catch (error) {
      // As of a step that has removed its own folder.
      onLine(String(error));
      return 1;
    } finally {
      signal.removeEventListener("abort", kill);
      await killContainer(container);
      await Deno.remove(home, { recursive: true }).catch(() => {});
    }
  };
}

/** What a shell says of a process that was ended by SIGKILL. */
const KILLED = 137;

/** Runs the script beside the folder `cwd`. */
async function runScript(
  cwd: string,
  env: Record<string, string>,
  onLine: (line: string) => void,
): Promise<number> {
  // stdout and stderr arrive in one pipe, in the order in which they were written.
  const child = new Deno.Command(stepShell(env["PATH"] ?? ""), {
    args: ["-c", "exec 2>&1; . ../script"],
    cwd,
    env,
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const over = new AbortController();
  const output = child.stdout.pipeThrough(new TransformStream<Uint8Array, Uint8Array>(), over);
  const reading = (async () => {
    for await (const line of readLines(output)) onLine(line);
  })().catch((error) => {
    if (!over.signal.aborted) throw error;
  });
  const { code } = await child.status;
  const timer = setTimeout(() => over.abort(), LAST_OUTPUT_MS);
  await reading;
  clearTimeout(timer);
  return code;
}

/** What a script has left in the background holds its output open, and its step up no longer than this. */
const LAST_OUTPUT_MS = 500;
