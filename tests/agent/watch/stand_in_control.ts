import type { Pulse } from "../../../agent/process/process_table.ts";
import type { RunnerControl } from "../../../agent/runner/runner.ts";

/** A runner of which a test decides what can be seen of it; `calls` has what was asked of it beside the looks. */
export interface StandInControl extends RunnerControl {
  readonly calls: string[];
  pulse: () => Promise<Pulse>;
  /** What it has running; undefined where that cannot be told. */
  running: readonly string[] | undefined;
  die(): void;
}

export function standInControl(): StandInControl {
  const calls: string[] = [];
  return {
    calls,
    running: [],
    pulse: () => Promise.resolve("alive"),
    work() {
      return Promise.resolve(this.running);
    },
    leftBehind: () => Promise.resolve([]),
    die() {
      this.pulse = () => Promise.resolve("dead");
    },
    stop: () => Promise.resolve(calls.push("stop") > 0 ? "stopped" : "was gone"),
    cleanUp: () => Promise.resolve(void calls.push("clean up")),
    keepOutputFlowing: () => Promise.resolve(void calls.push("keep output flowing")),
    close: () => void calls.push("close"),
  };
}
