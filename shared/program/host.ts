import type { ReadLine } from "./line_reader.ts";

/** Takes text as it is, without adding a line end. */
export interface TextWriter {
  write(text: string): void;
  /** Whether nobody reads it any more, as after `| head`. */
  readonly gone?: boolean;
  /** Shows a text of one line until the next one is written, or another is shown; only a terminal can. */
  passing?(text: string): void;
  /** Whether what reads it shows colours. */
  readonly colour?: boolean;
}

/**
 * The machine as the programs see it. Everything that waits, reads the clock, asks the network or draws
 * lots takes it from here, so that a test can drive a program without waiting and without touching the machine.
 */
export interface Host {
  readonly env: Readonly<Record<string, string>>;
  /** CPU architecture in the words of the release assets, or what the machine itself says when it is another. */
  readonly arch: string;
  readonly stdout: TextWriter;
  readonly stderr: TextWriter;
  /** Absent where nobody can be asked. */
  readonly readLine?: ReadLine | undefined;
  readonly fetch: typeof fetch;
  /** Wall clock in milliseconds since 1970. It may jump: measure durations with `monotonicMs`. */
  now(): number;
  /** Milliseconds since some fixed moment; never jumps. */
  monotonicMs(): number;
  /** A number from 0 up to, but not including, 1. */
  random(): number;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason as soon as it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
