import { type ChildProcess, spawn } from "node:child_process";
import { Readable } from "node:stream";
import { readLines } from "../machine/read_lines.ts";
import { stepShell } from "../machine/step_shell.ts";
import type { StepForRunner } from "../pipelines/runner_registry.ts";
import type { CloudLink } from "./cloud_link.ts";
import type { RunnerLog } from "./runner_log.ts";
import { bare, type RunnerIdentity } from "./stand_in_identity.ts";
import { startStepContainer } from "./step_container.ts";

export interface StepParts {
  /** The runner's own folder. */
  readonly folder: string;
  readonly identity: RunnerIdentity;
  readonly log: RunnerLog;
  readonly link: CloudLink;
  /** Time between a step's end and Bitbucket's learning of it, in milliseconds. */
  readonly resultDelayMs: number;
}

interface RunningStep {
  readonly step: StepForRunner;
  child: ChildProcess | undefined;
  removeContainer: () => Promise<void>;
  cancelled: boolean;
  brokenOff: boolean;
}

/** The one step that a stand-in runner may be running. */
export class StandInSteps {
  readonly #parts: StepParts;
  #running: RunningStep | undefined;

  constructor(parts: StepParts) {
    this.#parts = parts;
  }

  /** Until Bitbucket has the result. */
  get busy(): boolean {
    return this.#running !== undefined;
  }

  async run(step: StepForRunner): Promise<void> {
    const { log, link, resultDelayMs } = this.#parts;
    log.tell({ type: "step", step });
    const running: RunningStep = {
      step,
      child: undefined,
      removeContainer: () => Promise.resolve(),
      cancelled: false,
      brokenOff: false,
    };
    this.#running = running;
    const exitCode = await this.#scripts(running).catch(async (error) => {
      await this.#output(step.stepUuid, String(error));
      return 1;
    });
    if (running.brokenOff) return;
    await running.removeContainer();
    const ending = exitCode === 0 ? "passed" : running.cancelled ? "stopped" : "failed";
    log.tell({ type: "completing", ending });
    await new Promise((resolve) => setTimeout(resolve, resultDelayMs));
    this.#running = undefined;
    await link.post("complete", { stepUuid: step.stepUuid, exitCode }).catch(() => {});
  }

  /** The pipeline was stopped: the step's processes are ended, which completes the step. */
  cancel(stepUuid: string): void {
    if (this.#running?.step.stepUuid !== stepUuid) return;
    this.#running.cancelled = true;
    killGroup(this.#running.child);
  }

  /** Ends the step's processes without completing the step. */
  async breakOff(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    running.brokenOff = true;
    killGroup(running.child);
    await running.removeContainer();
  }

  async #scripts(running: RunningStep): Promise<number> {
    const { script, afterScript } = running.step;
    const build = `${this.#parts.folder}/build`;
    await Deno.mkdir(build, { recursive: true });
    await this.#startContainer(running);
    const exitCode = await this.#script(running, script, build);
    if (afterScript !== undefined && !running.cancelled) {
      await this.#script(running, afterScript, build, exitCode);
    }
    await Deno.remove(build, { recursive: true }).catch(() => {});
    return exitCode;
  }

  /** The script runs here even so: the image has little more than Deno, which runs the runner. */
  async #startContainer(running: RunningStep): Promise<void> {
    const { runnerUuid, runtime, image, workingDirectory } = this.#parts.identity;
    if (runtime !== "linux-docker") return;
    const name = `${bare(runnerUuid)}_${bare(running.step.stepUuid)}_build`;
    running.removeContainer = await startStepContainer({ name, image, workingDirectory });
  }

  async #script(running: RunningStep, script: string, cwd: string, exitCode?: number): Promise<number> {
    const env: Record<string, string> = {
      ...this.#inherited(),
      ...running.step.env,
      BITBUCKET_CLONE_DIR: cwd,
      ...(exitCode === undefined ? {} : { BITBUCKET_EXIT_CODE: String(exitCode) }),
    };
    // The pipeline may have been stopped before there was a process to end.
    if (running.cancelled) return 137;
    // A session of its own, as a real runner's steps seem to have; a step can be ended with all that it started.
    const child = spawn(stepShell(env["PATH"] ?? ""), ["-c", `exec 2>&1\n${script}`], {
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
    const lines = readLines(Readable.toWeb(child.stdout) as ReadableStream<Uint8Array>);
    for await (const line of lines) await this.#output(running.step.stepUuid, line);
    return await ended;
  }

  /** A shell runner hands everything on that it has been given; a container of Docker's has its image's environment. */
  #inherited(): Record<string, string> {
    const own = Deno.env.toObject();
    return this.#parts.identity.runtime === "linux-docker" ? { PATH: own["PATH"] ?? "" } : own;
  }

  async #output(stepUuid: string, line: string): Promise<void> {
    await this.#parts.link.post("output", { stepUuid, lines: [line] }).catch(() => {});
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
