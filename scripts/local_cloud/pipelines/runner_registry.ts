import { ApiRefusal } from "../server/api_call.ts";
import type { BitbucketSettings } from "./bitbucket_settings.ts";
import type { Happenings } from "../server/happenings.ts";
import type { Step } from "./pipeline.ts";

/** The most runners of one repository or workspace. Source: Atlassian's runner autoscaler. */
const MOST_RUNNERS = 100;

/** What Bitbucket tells a connected runner. */
export type RunnerMessage =
  | { readonly type: "step"; readonly step: StepForRunner }
  | { readonly type: "cancel"; readonly stepUuid: string };

export interface StepForRunner {
  readonly stepUuid: string;
  readonly pipelineUuid: string;
  readonly workspaceUuid: string;
  readonly repositoryUuid: string;
  readonly script: string;
  readonly afterScript: string | undefined;
  readonly env: Readonly<Record<string, string>>;
}

/** A registered runner. */
export interface RunnerRecord {
  readonly uuid: string;
  name: string;
  labels: readonly string[];
  /** Repository UUID, or the workspace's for a runner that serves all its repositories. */
  readonly ownerUuid: string;
  readonly client: { readonly id: string; readonly secret: string };
  readonly createdAt: number;
  updatedAt: number;
  stateUpdatedAt: number;
  connection: "UNREGISTERED" | "ONLINE" | "OFFLINE";
  disabled: boolean;
  /** Opened again, and not yet heard of since. */
  reopened: boolean;
  /** The step it has been given and has not finished. */
  step: Step | undefined;
  send: ((message: RunnerMessage) => void) | undefined;
  silence: ReturnType<typeof setTimeout> | undefined;
}

/** The runners that Bitbucket knows, and what becomes of them. */
export class RunnerRegistry {
  readonly #settings: BitbucketSettings;
  readonly #happenings: Happenings;
  readonly #runners = new Map<string, RunnerRecord>();
  /** Told when a runner can take a step, or when one is lost together with its step. */
  onIdle: () => void = () => {};
  onLost: (step: Step) => void = () => {};

  constructor(settings: BitbucketSettings, happenings: Happenings) {
    this.#settings = settings;
    this.#happenings = happenings;
  }

  /** All that are registered, oldest first. */
  get all(): RunnerRecord[] {
    return [...this.#runners.values()];
  }

  get(uuid: string): RunnerRecord | undefined {
    return this.#runners.get(uuid);
  }

  create(ownerUuid: string, name: string, labels: readonly string[]): RunnerRecord {
    if (this.all.filter((runner) => runner.ownerUuid === ownerUuid).length >= MOST_RUNNERS) {
      throw new ApiRefusal({
        status: 400,
        code: "",
        message: `Runner limit exceeded: at most ${MOST_RUNNERS} runners`,
      });
    }
    const now = Date.now();
    const runner: RunnerRecord = {
      uuid: `{${crypto.randomUUID()}}`,
      name,
      labels,
      ownerUuid,
      client: { id: randomText(32), secret: randomText(64) },
      createdAt: now,
      updatedAt: now,
      stateUpdatedAt: now,
      connection: "UNREGISTERED",
      disabled: false,
      reopened: false,
      step: undefined,
      send: undefined,
      silence: undefined,
    };
    this.#runners.set(runner.uuid, runner);
    this.#tell("runner registered", runner);
    return runner;
  }

  rename(runner: RunnerRecord, name: string, labels: readonly string[]): void {
    Object.assign(runner, { name, labels, updatedAt: Date.now() });
  }

  /** Closes the runner to new steps, or opens it again. */
  setDisabled(runner: RunnerRecord, disabled: boolean): void {
    if (runner.disabled === disabled) return;
    runner.disabled = disabled;
    runner.reopened = !disabled;
    runner.stateUpdatedAt = runner.updatedAt = Date.now();
    if (disabled) this.#tell("runner closed", runner);
    else this.onIdle();
  }

  /** A step that the runner was busy with is lost. */
  remove(runner: RunnerRecord): void {
    this.#runners.delete(runner.uuid);
    clearTimeout(runner.silence);
    this.#tell("runner unregistered", runner);
    this.#loseStep(runner);
  }

  /** The runner reported its state itself. */
  report(runner: RunnerRecord, connection: "ONLINE" | "OFFLINE"): void {
    const changed = runner.connection !== connection;
    runner.connection = connection;
    this.heard(runner);
    if (connection === "OFFLINE") this.#offline(runner, changed);
    else if (changed) this.#tell("runner online", runner);
    if (connection === "ONLINE") this.onIdle();
  }

  /** A sign of life; without another one in time the runner counts as OFFLINE. */
  heard(runner: RunnerRecord): void {
    clearTimeout(runner.silence);
    if (!this.#runners.has(runner.uuid)) return;
    runner.reopened = false;
    runner.stateUpdatedAt = Date.now();
    runner.silence = setTimeout(() => this.#offline(runner, true), this.#settings.offlineAfterMs);
  }

  /** The runners that may serve a repository's steps and have all the labels. */
  matching(repositoryUuid: string, labels: readonly string[]): RunnerRecord[] {
    const owners = [repositoryUuid, this.#settings.workspace.uuid];
    return this.all.filter((runner) =>
      owners.includes(runner.ownerUuid) && labels.every((label) => runner.labels.includes(label)) &&
      runner.connection === "ONLINE" && !runner.disabled
    );
  }

  close(): void {
    for (const runner of this.all) clearTimeout(runner.silence);
  }

  /** What the API shows; DISABLED hides whether the runner is connected. */
  statusOf({ disabled, reopened, connection }: RunnerRecord): string {
    const { closedShows, reopenedShows } = this.#settings;
    if (disabled && closedShows === "DISABLED") return "DISABLED";
    return reopened && reopenedShows === "ENABLED" ? "ENABLED" : connection;
  }

  #offline(runner: RunnerRecord, tell: boolean): void {
    clearTimeout(runner.silence);
    runner.connection = "OFFLINE";
    runner.stateUpdatedAt = Date.now();
    if (tell) this.#tell("runner offline", runner);
    this.#loseStep(runner);
  }

  #loseStep(runner: RunnerRecord): void {
    const { step } = runner;
    runner.step = undefined;
    if (step !== undefined) this.onLost(step);
  }

  #tell(
    type: "runner registered" | "runner online" | "runner closed" | "runner offline" | "runner unregistered",
    runner: RunnerRecord,
  ): void {
    this.#happenings.emit({ type, runnerUuid: runner.uuid, name: runner.name });
  }
}

function randomText(length: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  return [...bytes].map((byte) => "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"[byte % 62])
    .join("");
}
