import type { Bitbucket } from "../../shared/bitbucket/bitbucket.ts";
import type { Host } from "../../shared/program/host.ts";
import type { Logger } from "../../shared/program/log.ts";
import type { RunnerControl } from "../runner/runner.ts";
import type { RunnerOutput } from "./runner_output.ts";
import { parseRunnerLine, type RunnerEvent } from "../life/runner_log.ts";

/** A registered runner with all that is needed to watch it and to make it go. */
export interface WatchedRunner {
  readonly uuid: string;
  readonly name: string;
  readonly labels: readonly string[];
  readonly bitbucket: Bitbucket;
  readonly control: RunnerControl;
  readonly output: RunnerOutput;
  readonly launcherStep: string | undefined;
}

/** What a wait brought: events of the runner's output, or that the runner is gone. */
export type Heard = readonly (RunnerEvent | { readonly type: "runner exited" })[];

const ALIVE_CHECK_MS = 1_000;

/** The ear at the runner: passes its output on to the build's log and tells what it means. */
export class RunnerEar {
  readonly #host: Host;
  readonly #log: Logger;
  readonly #runner: Pick<WatchedRunner, "control" | "output">;
  #nextAliveCheck = 0;
  #exited = false;
  readonly #lastLines: string[] = [];

  constructor(host: Host, log: Logger, runner: Pick<WatchedRunner, "control" | "output">) {
    this.#host = host;
    this.#log = log;
    this.#runner = runner;
  }

  /** The runner's last lines, redacted, for a failure's message. */
  get lastLines(): readonly string[] {
    return this.#lastLines;
  }

  /** Reads what is there already, without showing it: an earlier phase has. */
  catchUp(): Heard {
    return this.#read(false);
  }

  /** What the output says since the last reading. */
  hearNow(): Heard {
    return this.#read(true);
  }

  /** Waits for something to hear until a moment in monotonic milliseconds; rejects when the signal aborts. */
  async listen(untilMs: number, signal: AbortSignal): Promise<Heard> {
    for (;;) {
      const heard = [...this.#read(true), ...await this.#checkAlive()];
      const left = untilMs - this.#host.monotonicMs();
      if (heard.length > 0 || left <= 0) return heard;
      await this.#runner.output.waitForMore(left, signal);
    }
  }

  async #checkAlive(): Promise<Heard> {
    const now = this.#host.monotonicMs();
    if (this.#exited || now < this.#nextAliveCheck) return [];
    this.#nextAliveCheck = now + ALIVE_CHECK_MS;
    const pulse = await this.#runner.control.pulse();
    await this.#runner.control.keepOutputFlowing();
    if (pulse !== "dead") return [];
    this.#exited = true;
    // Its last words may have come after the last reading.
    return [...this.#read(true), { type: "runner exited" }];
  }

  #read(show: boolean): RunnerEvent[] {
    return this.#runner.output.readNewLines().flatMap((line) => {
      const clean = this.#log.redactor.redact(line);
      if (show) this.#host.stdout.write(`  | ${clean}\n`);
      this.#lastLines.push(clean);
      if (this.#lastLines.length > 20) this.#lastLines.shift();
      return parseRunnerLine(line) ?? [];
    });
  }
}
