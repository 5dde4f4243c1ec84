import { RunnerError } from "../../shared/program/errors.ts";
import type { BuildPlace } from "../runner/build_machine.ts";

/** Bit of CAP_SYS_ADMIN in a capability set (capabilities(7)); Docker cannot mount anything without it. */
const SYS_ADMIN = 1n << 21n;

/** Rejects with RunnerError when the build lacks the privileges that a Docker daemon takes: those of root, on a machine. */
export async function requirePrivileged(place: BuildPlace = "container"): Promise<void> {
  const status = await Deno.readTextFile("/proc/self/status").catch(() => "");
  if (isPrivileged(status)) return;
  throw place === "machine"
    ? new RunnerError("Cannot start Docker: the build does not run as root", {
      hint:
        "On EC2 compute there is no privileged mode: start Docker as root before, in a custom AMI or the project's own " +
        "buildspec, or use a container's image in privileged mode",
    })
    : new RunnerError("Cannot start Docker: the build does not run in privileged mode", {
      hint: "Enable «Privileged» in the CodeBuild project's environment (privilegedMode: true)",
    });
}

/** Whether /proc/PID/status shows the privileges of a privileged container. */
export function isPrivileged(status: string): boolean {
  const mask = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  return mask !== undefined && (BigInt(`0x${mask}`) & SYS_ADMIN) !== 0n;
}
