/** The variable that every process of a build or of a cloud step carries; its value is unique to each. */
export const CONTAINER_VARIABLE = "LOCAL_CLOUD_CONTAINER";

/**
 * The processes of a build or step, those in sessions of their own included: found by a variable in their
 * environment, or, where they have been given another one (`env -i`), by the folder they are in. Empty where there is no /proc.
 */
export function processesOf(container: string): number[] {
  const needle = new TextEncoder().encode(`\0${CONTAINER_VARIABLE}=${container}\0`);
  return allProcesses().filter((pid) =>
    pid !== Deno.pid && (contains(environmentOf(pid), needle) || isWithin(pid, container))
  );
}

/** Whether a process is in a folder of the container's, and no shell in which somebody looks at that. */
function isWithin(pid: number, container: string): boolean {
  try {
    if (!Deno.readLinkSync(`/proc/${pid}/cwd`).includes(`/${container}/`)) return false;
    return terminalOf(pid) === "0" || terminalOf(pid) === terminalOf(Deno.pid);
  } catch {
    return false;
  }
}

/** The number of its controlling terminal, 0 for none. Source: proc_pid_stat(5). */
function terminalOf(pid: number): string | undefined {
  return Deno.readTextFileSync(`/proc/${pid}/stat`).replace(/^.*\) /s, "").split(" ")[4];
}

/** Kills all of them, as the end of a container does. Resolves when none is left. */
export async function killContainer(container: string): Promise<void> {
  // A process may be forking while it is looked for, hence again until nothing is found.
  for (let round = 0; round < 100; round++) {
    const found = processesOf(container);
    if (found.length === 0) return;
    for (const pid of found) kill(pid);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(
    `Cannot end the processes of container ${container}: ${processesOf(container).join(", ")} go on`,
  );
}

function allProcesses(): number[] {
  try {
    return [...Deno.readDirSync("/proc")].map((entry) => Number(entry.name)).filter(Number.isInteger);
  } catch {
    return [];
  }
}

function environmentOf(pid: number): Uint8Array {
  try {
    const environment = Deno.readFileSync(`/proc/${pid}/environ`);
    const padded = new Uint8Array(environment.length + 2);
    padded.set(environment, 1);
    return padded;
  } catch {
    // Gone in the meantime, or somebody else's.
    return new Uint8Array();
  }
}

function contains(bytes: Uint8Array, needle: Uint8Array): boolean {
  const first = needle[0] ?? 0;
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (needle.every((byte, offset) => bytes[at + offset] === byte)) return true;
  }
  return false;
}

function kill(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}
