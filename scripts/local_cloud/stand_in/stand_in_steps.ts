import { type ChildProcess, spawn } from "node:child_process";
import { Readable } from "node:stream";
import { readLines } from "../machine/read_lines.ts";
import type { StepForRunner } from "../pipelines/runner_registry.ts";

/** How a stand-in runner tells the local Bitbucket what becomes of a step. */
export interface StepReporter {
  output(stepUuid: string, lines: readonly string[]): Promise<unknown>;
  completed(stepUuid: string, exitCode: number): Promise<unknown>;
}

interface RunningStep {
  readonly step: StepForRunner;
  child: ChildProcess | undefined;
  cancelled: boolean;
}

/** The one step that a stand-in runner may be running. */
export class StandInSteps {
  readonly #folder: string;
  readonly #log: (text: string) => void;
  readonly #reporter: StepReporter;
  #running: RunningStep | undefined;

  constructor(
    folder: string,
    log: (text: string) => void,
    reporter: StepReporter,
  ) {
    this.#folder = folder;
    this.#log = log;
    this.#reporter = reporter;
  }

  get busy(): boolean {
    return this.#running !== undefined;
  }

  async run(step: StepForRunner): Promise<void> {
    this.#log(
      `Getting step StepId{accountUuid=${step.workspaceUuid}, repositoryUuid=${step.repositoryUuid}, ` +
        `pipelineUuid=${step.pipelineUuid}, stepUuid=${step.stepUuid}}.`,
    );
    const running: RunningStep = { step, child: undefined, cancelled: false };
    this.#running = running;
    const build = `${this.#folder}/build`;
    await Deno.mkdir(build, { recursive: true });
    const exitCode = await this.#script(running, step.script, build);
    if (step.afterScript !== undefined && !running.cancelled) {
      await this.#script(running, step.afterScript, build, exitCode);
    }
    await Deno.remove(build, { recursive: true }).catch(() => {});
    const status = exitCode === 0 ? "PASSED" : "FAILED";
    this.#log(`Completing step with result Result{status=${status}, error=None}.`);
    this.#running = undefined;
    await this.#reporter.completed(step.stepUuid, exitCode).catch(() => {});
  }

  /** The pipeline was stopped: the step's processes are ended, which completes the step. */
  cancel(stepUuid: string): void {
    if (this.#running?.step.stepUuid !== stepUuid) return;
    this.#running.cancelled = true;
    killGroup(this.#running.child);
  }

  /** Ends the step's processes without completing the step. */
  breakOff(): void {
    if (this.#running !== undefined) killGroup(this.#running.child);
  }

  async #script(running: RunningStep, script: string, cwd: string, exitCode?: number): Promise<number> {
    const env = {
      ...Deno.env.toObject(),
      ...running.step.env,
      BITBUCKET_CLONE_DIR: cwd,
      ...(exitCode === undefined ? {} : { BITBUCKET_EXIT_CODE: String(exitCode) }),
    };
    // A group of its own, so that a step can be ended with all that it started.
    const child = spawn("sh", ["-c", `exec 2>&1\n${script}`], {
      cwd,
      env,
      detached: true,
      stdio: ["ignore", "pipe", "ignore"],
    });
    running.child = child;
    const ended = new Promise<number>((resolve) => {
      child.on("error", () => resolve(127));
      child.on("exit", (code) => resolve(code ?? 137));
    });
    await this.#forward(running.step.stepUuid, Readable.toWeb(child.stdout) as ReadableStream<Uint8Array>);
    return await ended;
  }

  async #forward(stepUuid: string, output: ReadableStream<Uint8Array>): Promise<void> {
    for await (const line of readLines(output)) {
      await this.#reporter.output(stepUuid, [line]).catch(() => {});
    }
  }
}

function killGroup(child: ChildProcess | undefined): void {
  if (child?.pid === undefined) return;
  try {
    Deno.kill(-child.pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}
