import { processesOf } from "../local_cloud/machine/process_tree.ts";

/** What a program's command line holds when it runs from source; the agent's last argument is its phase. */
const MARKS = {
  "start-runner": /\/cli\/main\.ts\0/,
  "agent pre_build": /\/agent\/main\.ts\0pre_build\0/,
  "agent build": /\/agent\/main\.ts\0build\0/,
  "agent post_build": /\/agent\/main\.ts\0post_build\0/,
  runner: /\/stand_in_runner\.ts\0/,
} as const;

export type ProgramName = keyof typeof MARKS;

/** The processes of a build or a cloud step that run one of the programs. */
export function programProcesses(container: string, program: ProgramName): number[] {
  return processesOf(container).filter((pid) => MARKS[program].test(commandLine(pid)));
}

/** Sends a signal to a program of a build or a cloud step; false where it does not run. */
export function signalProgram(container: string, program: ProgramName, signal: Deno.Signal): boolean {
  const found = programProcesses(container, program);
  for (const pid of found) send(pid, signal);
  return found.length > 0;
}

function commandLine(pid: number): string {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/cmdline`);
  } catch {
    // It has ended in the meantime.
    return "";
  }
}

function send(pid: number, signal: Deno.Signal): void {
  try {
    Deno.kill(pid, signal);
  } catch {
    // It has ended in the meantime.
  }
}
