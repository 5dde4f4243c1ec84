import { leftBehind, type LeftProcess } from "../process/left_behind.ts";
import { listProcesses, type ProcessId, pulseOf } from "../process/process_table.ts";
import { sendSignal } from "../process/terminate.ts";
import type { Leftover, OverStep } from "../runner/runner.ts";

/** What a step of a shell runner has left running; what the step started carries its UUID, which Bitbucket sets for it. */
export function stepLeftovers(runner: ProcessId, { stepUuid, beganTicks, known }: OverStep): Leftover[] {
  const variable = `BITBUCKET_STEP_UUID=${stepUuid}`;
  return leftBehind(listProcesses() ?? [], runner, { variable, beganTicks, known }).map(leftover);
}

function leftover({ process, safe }: LeftProcess): Leftover {
  const name = `${process.pid} (${process.name.replace(/[^\w.+-]/g, "?")})`;
  if (!safe) return { name };
  return {
    name,
    signal(signal) {
      // The pid may have become another's meanwhile.
      if (pulseOf(process) === "alive") sendSignal(process, signal);
    },
  };
}
