import { type Build, type PhaseContext, type PhaseStatus, variablesOf } from "./build.ts";
import { removeBuildContainers } from "./build_containers.ts";
import {
  buildEnvironment,
  type BuildFolders,
  makeBuildFolders,
  UnresolvedVariable,
} from "./build_environment.ts";
import { Breakpoints } from "./breakpoints.ts";
import { BuildShell } from "./build_shell.ts";
import {
  type Buildspec,
  BuildspecError,
  parseBuildspec,
  PHASE_NAMES,
  type PhaseName,
} from "./buildspec_file.ts";
import type { Happenings } from "../server/happenings.ts";
import { killContainer } from "../machine/process_tree.ts";

/** Why a build is ended from outside; becomes its status. */
export type BuildEnding = "STOPPED" | "TIMED_OUT" | "FAULT";

/**
 * Runs a build from PROVISIONING to COMPLETED. When `ending` aborts, with a `BuildEnding` as its reason, every process
 * of the build is killed and nothing else runs: no `finally`, no post_build.
 */
export async function executeBuild(build: Build, happenings: Happenings, ending: AbortSignal): Promise<void> {
  const folders = await makeBuildFolders(build.settings.folder, build.uuid);
  const run = new BuildRun(build, folders, happenings, ending);
  const kill = () => void killContainer(build.uuid);
  ending.addEventListener("abort", kill);
  try {
    await run.all();
  } finally {
    ending.removeEventListener("abort", kill);
    await run.close();
    if (run.usesDocker) await removeBuildContainers(build.uuid);
    await Deno.remove(folders.root, { recursive: true }).catch(() => {});
  }
}

class BuildRun {
  readonly #build: Build;
  readonly #folders: BuildFolders;
  readonly #happenings: Happenings;
  readonly #ending: AbortSignal;
  readonly #breakpoints: Breakpoints;
  #shell: BuildShell | undefined;
  #secrets: readonly string[] = [];
  #failed = false;

  constructor(build: Build, folders: BuildFolders, happenings: Happenings, ending: AbortSignal) {
    this.#build = build;
    this.#folders = folders;
    this.#happenings = happenings;
    this.#ending = ending;
    this.#breakpoints = new Breakpoints(build, folders.bin);
  }

  async all(): Promise<void> {
    await this.#breakpoints.make();
    await this.#phase("PROVISIONING", () => this.#provision());
    let buildspec: Buildspec | undefined;
    await this.#phase("DOWNLOAD_SOURCE", () => {
      buildspec = parseBuildspec(this.#build.input.buildspecOverride ?? this.#build.project.buildspec);
      this.#openShell(buildspec);
      return undefined;
    });
    if (buildspec !== undefined && !this.#failed) await this.#commandPhases(buildspec);
    await this.#phase("UPLOAD_ARTIFACTS", () => undefined);
    await this.#phase("FINALIZING", () => undefined);
  }

  /** The container is gone: whatever was left in the background ends with it. */
  async close(): Promise<void> {
    await killContainer(this.#build.uuid);
    await this.#shell?.close();
    await this.#shell?.drained();
  }

  /** Whether the build has a Docker runner; asking Docker takes time that other builds need not spend. */
  get usesDocker(): boolean {
    const { project, input } = this.#build;
    return variablesOf(project, input).some(({ name, value }) =>
      name === "RUNNER_TYPE" && value === "docker"
    );
  }

  async #commandPhases(buildspec: Buildspec): Promise<void> {
    for (const name of PHASE_NAMES) {
      const { commands, finally: last, onFailure } = buildspec.phases[name];
      const failure = await this.#phase(name.toUpperCase(), () => this.#commands(commands, last));
      if (failure && !goesOnAfterFailure(name, onFailure)) return;
    }
  }

  /** One phase; `work` returns what went wrong, if anything. Does nothing once the build is being ended. */
  async #phase(
    name: string,
    work: () => Promise<PhaseContext | undefined> | PhaseContext | undefined,
  ): Promise<boolean> {
    if (this.#ending.aborted) return true;
    const build = this.#build;
    build.beginPhase(name);
    this.#happenings.emit({ type: "build phase", buildId: build.id, phase: name });
    this.#say(`Entering phase ${name}`);
    const failure = await failureOf(work);
    const status: PhaseStatus = this.#ending.aborted ? this.#ending.reason : failure ? "FAILED" : "SUCCEEDED";
    build.endPhase(status, failure && status === "FAILED" ? [failure] : undefined);
    this.#say(`Phase complete: ${name} State: ${status}`);
    this.#say(`Phase context status code: ${failure?.statusCode ?? ""} Message: ${failure?.message ?? ""}`);
    if (status !== "SUCCEEDED") this.#failed = true;
    return status !== "SUCCEEDED";
  }

  async #provision(): Promise<undefined> {
    this.#build.log.exists = true;
    if (this.#build.settings.provisioningMs === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.#build.settings.provisioningMs);
      this.#ending.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      }, { once: true });
    });
  }

  #openShell(buildspec: Buildspec): void {
    const { env, secrets } = buildEnvironment(this.#build, buildspec, this.#folders);
    this.#secrets = secrets;
    this.#shell = new BuildShell({
      shell: buildspec.shell,
      env,
      cwd: this.#folders.source,
      folder: this.#folders.commands,
      onLine: (line) => this.#print(line),
    });
  }

  /** A failing command skips the rest, not what stands under `finally`. */
  async #commands(commands: readonly string[], last: readonly string[]): Promise<PhaseContext | undefined> {
    const failed = await this.#untilFailure(commands);
    const failedLast = await this.#untilFailure(last);
    return failed ?? failedLast;
  }

  async #untilFailure(commands: readonly string[]): Promise<PhaseContext | undefined> {
    for (const command of commands) {
      if (this.#ending.aborted) return undefined;
      this.#say(`Running command ${command.trimEnd()}`);
      const succeeding = this.#failed ? "0" : "1";
      const exitCode = await this.#shell?.run(`export CODEBUILD_BUILD_SUCCEEDING=${succeeding}\n${command}`);
      await this.#breakpoints.afterCommand(this.#ending);
      if (this.#ending.aborted) return undefined;
      if (exitCode !== 0) {
        const message =
          `Error while executing command: ${command.trimEnd()}. Reason: exit status ${exitCode}`;
        this.#say(`Command did not exit successfully ${command.trimEnd()} exit status ${exitCode}`);
        return { statusCode: "COMMAND_EXECUTION_ERROR", message };
      }
    }
    return undefined;
  }

  /** CodeBuild's own lines begin with «[Container]» and the time. */
  #say(text: string): void {
    const time = new Date().toISOString().replaceAll("-", "/").replace("T", " ").replace("Z", "000");
    this.#print(`[Container] ${time} ${text}`);
  }

  #print(line: string): void {
    const masked = this.#secrets.reduce((text, secret) => text.replaceAll(secret, "***"), line);
    for (const part of masked.split("\n")) this.#build.log.add(part);
    this.#happenings.emit({ type: "build output", buildId: this.#build.id, line: masked });
  }
}

/**
 * post_build runs after build, whether that failed or not; a failed install or pre_build ends the build.
 * Source: CodeBuild's user guide and AWS staff on «post_build».
 */
function goesOnAfterFailure(phase: PhaseName, onFailure: "ABORT" | "CONTINUE" | undefined): boolean {
  if (onFailure !== undefined) return onFailure === "CONTINUE";
  return phase === "build";
}

async function failureOf(
  work: () => Promise<PhaseContext | undefined> | PhaseContext | undefined,
): Promise<PhaseContext | undefined> {
  try {
    return await work();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof BuildspecError) return { statusCode: "YAML_FILE_ERROR", message };
    if (error instanceof UnresolvedVariable) return { statusCode: "CLIENT_ERROR", message };
    return { statusCode: "INTERNAL_ERROR", message };
  }
}
