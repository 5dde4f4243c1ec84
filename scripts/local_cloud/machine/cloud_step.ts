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
    const run = (script: string, exitCode?: number) =>
      runScript(script, `${home}/build`, {
        PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin",
        HOME: home,
        BITBUCKET_CLONE_DIR: `${home}/build`,
        ...step.env,
        ...(exitCode === undefined ? {} : { BITBUCKET_EXIT_CODE: String(exitCode) }),
        [CONTAINER_VARIABLE]: container,
      }, onLine);
    try {
      const exitCode = await run(step.script);
      if (step.afterScript !== undefined && !signal.aborted) await run(step.afterScript, exitCode);
      return exitCode;
    } finally {
      signal.removeEventListener("abort", kill);
      await killContainer(container);
      await Deno.remove(home, { recursive: true }).catch(() => {});
    }
  };
}

async function runScript(
  script: string,
  cwd: string,
  env: Record<string, string>,
  onLine: (line: string) => void,
): Promise<number> {
  // stdout and stderr arrive in one pipe, in the order in which they were written.
  const child = new Deno.Command(stepShell(env["PATH"] ?? ""), {
    args: ["-c", 'exec 2>&1; eval "$LOCAL_CLOUD_SCRIPT"'],
    cwd,
    env: { ...env, LOCAL_CLOUD_SCRIPT: `unset LOCAL_CLOUD_SCRIPT\n${script}` },
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reading = (async () => {
    for await (const line of readLines(child.stdout)) onLine(line);
  })();
  const { code } = await child.status;
  await reading;
  return code;
}
