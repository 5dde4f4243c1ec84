import type { Host } from "../../shared/program/host.ts";
import type { ChildEnvironment } from "../process/child_environment.ts";
import { findProgram } from "../process/find_program.ts";
import { runCommand, startDetached } from "../process/process.ts";
import { runnerEnvironment } from "../runner/runner_environment.ts";

/** Nobody can have opened a session and ended the pause within so many milliseconds. */
const AT_ONCE_MS = 3_000;
/** For `codebuild-resume`, and for the pause to end after it, in milliseconds. */
const RESUME_MS = 10_000;
/** The system's own end to a command that the clock of the host has not ended, later than any hold by this much. */
const BACKSTOP_MS = 60_000;

/** How the wait at a breakpoint ended. */
export type PauseEnd = "at once" | "resumed" | "time is up";

/** Where the two commands are. */
interface Programs {
  readonly pause: string;
  readonly resume: string;
}

/**
 * CodeBuild's own breakpoint, called by the agent. Its manual says that the build pauses there until `codebuild-resume`, not
 * whether the command itself waits or only has CodeBuild wait after the command under way.
 */
export class Breakpoint {
  readonly #host: Host;
  readonly #env: ChildEnvironment;
  readonly #programs: Programs;

  private constructor(host: Host, env: ChildEnvironment, programs: Programs) {
    this.#host = host;
    this.#env = env;
    this.#programs = programs;
  }

  /** Undefined where the build has no such commands, as outside CodeBuild. */
  static async find(host: Host): Promise<Breakpoint | undefined> {
    const [pause, resume] = await Promise.all(
      ["codebuild-breakpoint", "codebuild-resume"].map((name) => findProgram(name, host.env["PATH"])),
    );
    if (pause === undefined || resume === undefined) return undefined;
    return new Breakpoint(host, runnerEnvironment(host.env), { pause, resume });
  }

  /**
   * Pauses the build for `limitMs` milliseconds at most. `begun` is awaited when the pause has begun, and told whether
   * the command waits; false from it ends the pause at once. Rejects as `begun` does or when the signal aborts, and nothing
   * is paused by then.
   */
  async pause(
    limitMs: number,
    signal: AbortSignal,
    begun: (waits: boolean) => Promise<boolean>,
  ): Promise<PauseEnd> {
    signal.throwIfAborted();
    const startedMs = this.#host.monotonicMs();
    const over = new AbortController();
    let endedMs = Infinity;
    const command = runCommand(this.#programs.pause, [], {
      env: this.#env,
      timeoutMs: limitMs + BACKSTOP_MS,
      signal: over.signal,
    }).catch(() => {}).finally(() => endedMs = this.#host.monotonicMs());
    const atOnce = () => endedMs - startedMs < AT_ONCE_MS;
    let resumed = false;
    try {
      await this.#firstOf(command, AT_ONCE_MS, signal);
      const wanted = await begun(!atOnce());
      if (wanted && atOnce()) {
        await this.#resumeAfter(limitMs);
        resumed = true;
        return "at once";
      }
      if (wanted) await this.#firstOf(command, startedMs + limitMs - this.#host.monotonicMs(), signal);
      resumed = wanted && !atOnce() && endedMs < Infinity;
      return resumed ? "resumed" : "time is up";
    } finally {
      if (!resumed) await runCommand(this.#programs.resume, [], { env: this.#env, timeoutMs: RESUME_MS });
      await this.#firstOf(command, RESUME_MS);
      over.abort();
      await command;
    }
  }

  /** Waits for a command, for `ms` milliseconds at most. */
  async #firstOf(command: Promise<unknown>, ms: number, signal?: AbortSignal): Promise<void> {
    const ended = new AbortController();
    const either = signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal]);
    const time = this.#host.sleep(Math.max(ms, 0), either);
    await Promise.race([command, time]).finally(() => ended.abort());
    await time.catch(() => {});
  }

  /** CodeBuild pauses the build, if it does, when the agent has ended: what ends that in time goes on until the machine ends. */
  async #resumeAfter(ms: number): Promise<void> {
    const script = `sleep ${ms / 1000}; while :; do "$1"; sleep 30; done`;
    const options = { env: this.#env, cwd: "/", outputFile: "/dev/null" };
    await startDetached("/bin/sh", ["-c", script, "sh", this.#programs.resume], options);
  }
}
