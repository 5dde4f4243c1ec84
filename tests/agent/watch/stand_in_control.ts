import type { RunnerControl } from "../../../agent/runner/runner.ts";

/** The control of a runner that lives until `die()`, and what it was asked to do. */
export function standInControl(): RunnerControl & { die(): void; readonly calls: readonly string[] } {
  const calls: string[] = [];
  let alive = true;
  return {
    calls,
    die: () => void (alive = false),
    pulse: () => Promise.resolve(alive ? "alive" : "dead"),
    work: () => Promise.resolve([]),
    stop(graceMs) {
      calls.push(`stop within ${graceMs} ms`);
      alive = false;
      return Promise.resolve("stopped");
    },
    cleanUp: () => Promise.resolve(void calls.push("clean up")),
    keepOutputFlowing: () => Promise.resolve(void calls.push("keep output flowing")),
    close: () => {},
  };
}
