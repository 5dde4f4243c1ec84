import { execa } from "execa";
import { closeSync, openSync } from "node:fs";
import type { Writable } from "node:stream";
import { RunnerError } from "../../shared/program/errors.ts";
import type { ChildEnvironment } from "./child_environment.ts";

/** How a command ended. */
export interface CommandResult {
  /** Undefined when the command could not be started, or was ended by a signal. */
  readonly exitCode: number | undefined;
  /** Without the line end that closes it. */
  readonly stdout: string;
  /** Without the line end that closes it. */
  readonly stderr: string;
  readonly timedOut: boolean;
  /** The system's word for why the command could not be started, such as ENOENT. */
  readonly startFailure: string | undefined;
}

export interface CommandOptions {
  /** The whole environment: nothing is inherited. */
  readonly env: ChildEnvironment;
  readonly timeoutMs: number;
  readonly input?: string;
  readonly signal?: AbortSignal | undefined;
}

/** Milliseconds between SIGTERM and SIGKILL for a command that ran too long. */
const COMMAND_KILL_MS = 1000;

/**
 * Runs a command to its end and collects its output. A failing, missing or late command is a result, not an
 * error; only an abort rejects, with the signal's reason.
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  options.signal?.throwIfAborted();
  const result = await execa(command, args, {
    env: options.env,
    extendEnv: false,
    timeout: options.timeoutMs,
    forceKillAfterDelay: COMMAND_KILL_MS,
    // Cleaning up at exit would put handlers of its own on SIGTERM and SIGINT, and send them to the program again.
    cleanup: false,
    // A grandchild that holds the output pipe open would keep a timed-out command waiting.
    killDescendants: true,
    reject: false,
    ...(options.input === undefined ? { stdin: "ignore" as const } : { input: options.input }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
  });
  options.signal?.throwIfAborted();
  return {
    exitCode: result.exitCode,
    stdout: result.stdout,
    stderr: result.stderr,
    timedOut: result.timedOut,
    startFailure: result.exitCode === undefined ? result.code : undefined,
  };
}

export interface DetachedOptions {
  /** The whole environment: nothing is inherited. */
  readonly env: ChildEnvironment;
  readonly cwd: string;
  /** Gets both output streams, appended. */
  readonly outputFile: string;
  /** What it can read from its stdin, up to some kilobytes; it gets that even where the program ends right after. */
  readonly input?: string | undefined;
}

/**
 * Starts a process in a session of its own that outlives the program, and returns its pid. The process holds the
 * output file itself, so that no pipe breaks when the program ends. Rejects with RunnerError when it cannot be started.
 */
export async function startDetached(
  command: string,
  args: readonly string[],
  options: DetachedOptions,
): Promise<number> {
  const output = openSync(options.outputFile, "a", 0o600);
  // The types know descriptors up to 9 only; larger ones are handed to the child just the same.
  const stream = output as 3;
  const child = execa(command, args, {
    env: options.env,
    extendEnv: false,
    cwd: options.cwd,
    // Under Unix this means setsid: a signal to the phase's process group does not reach the child.
    detached: true,
    cleanup: false,
    stdin: options.input === undefined ? "ignore" : "pipe",
    stdout: stream,
    stderr: stream,
    buffer: false,
    reject: false,
  });
  closeSync(output);
  if (child.pid === undefined) {
    const { code } = await child;
    throw new RunnerError(`Cannot start ${command}: the system answered ${code ?? "nothing"}`);
  }
  if (options.input !== undefined) await handOver(child.nodeChildProcess.stdin, options.input);
  child.nodeChildProcess.unref();
  return child.pid;
}

/** Resolves when the system has it all. A process that ended before has no use for it, which its pulse tells. */
function handOver(stdin: Writable | null, input: string): Promise<void> {
  return new Promise((resolve) => {
    if (stdin === null) return resolve();
    stdin.on("error", () => resolve());
    stdin.end(input, () => resolve());
  });
}

export interface StreamOptions {
  /** The whole environment: nothing is inherited. */
  readonly env: ChildEnvironment;
  readonly onLine: (line: string) => void;
  /** Called once, when the command has ended or could not be started. */
  readonly onEnd: () => void;
}

/** Starts a command that tells what happens, line by line, for as long as it runs; the function returned ends it. */
export function streamLines(command: string, args: readonly string[], options: StreamOptions): () => void {
  const child = execa(command, args, {
    env: options.env,
    extendEnv: false,
    cleanup: false,
    stdin: "ignore",
    stderr: "ignore",
    buffer: false,
    reject: false,
  });
  void (async () => {
    for await (const line of child) options.onLine(line);
  })().catch(() => {}).finally(options.onEnd);
  return () => void child.kill();
}
