import { type ApiRefusal, badRequest } from "../server/api_call.ts";
import { invalidInput } from "../aws/aws_json.ts";
import { Build } from "./build.ts";
import { type BuildEnding, executeBuild } from "./build_executor.ts";
import type { CodeBuildProject, CodeBuildSettings } from "./codebuild_project.ts";
import { type CodeBuildFleet, Fleets, roomOf } from "./fleets.ts";
import { checkMachine } from "./machine_rules.ts";
import type { Happenings } from "../server/happenings.ts";
import type { LogStream } from "../aws/log_stream.ts";
import type { StartBuildInput } from "./start_build_limits.ts";

/** How long CodeBuild remembers an idempotency token. Source: CodeBuild's API reference. */
const TOKEN_LIFETIME_MS = 5 * 60_000;

interface LiveBuild {
  readonly build: Build;
  readonly ending: AbortController;
  readonly done: PromiseWithResolvers<void>;
  timer: ReturnType<typeof setTimeout> | undefined;
  /** The fleet whose machine it has; undefined for one on demand, or in the queue. */
  onFleet: string | undefined;
}

/** CodeBuild's projects, queue and builds. */
export class CodeBuild {
  readonly projects: Map<string, CodeBuildProject>;
  /** Every build so far, oldest first. */
  readonly builds: Build[] = [];
  readonly settings: CodeBuildSettings;
  readonly fleets: Fleets;
  readonly #happenings: Happenings;
  readonly #live = new Map<string, LiveBuild>();
  readonly #queue: LiveBuild[] = [];
  readonly #tokens = new Map<string, { input: string; build: Build; at: number }>();
  #executing: LiveBuild[] = [];

  constructor(projects: readonly CodeBuildProject[], settings: CodeBuildSettings, happenings: Happenings) {
    this.projects = new Map(projects.map((project) => [project.name, project]));
    this.settings = settings;
    this.fleets = new Fleets(settings);
    this.#happenings = happenings;
  }

  /** The builds that have not ended. */
  get running(): Build[] {
    return this.builds.filter((build) => !build.complete);
  }

  find(id: string): Build | undefined {
    return this.builds.find((build) => build.id === id || build.arn === id);
  }

  logStream(group: string, stream: string): LogStream | undefined {
    return this.builds.map((build) => build.log).find((log) =>
      log.groupName === group && log.streamName === stream
    );
  }

  /** Queues a build; the same idempotency token within five minutes gives the build that it started before. */
  start(input: StartBuildInput): Build {
    const project = this.projects.get(input.projectName);
    if (project === undefined) throw projectMissing(input.projectName, this.settings);
    const repeated = this.#repeated(input);
    if (repeated !== undefined) return repeated;
    const build = new Build(project, input, this.builds.length + 1, this.settings);
    const fleet = build.fleetArn === undefined ? undefined : this.fleets.forBuild(build.fleetArn);
    checkMachine({ ...machineOf(build), privilegedOverride: input.privilegedModeOverride }, fleet);
    this.#checkLimits(project, fleet);
    this.builds.push(build);
    if (input.idempotencyToken !== undefined) {
      this.#tokens.set(input.idempotencyToken, { input: JSON.stringify(input), build, at: Date.now() });
    }
    this.#happenings.emit({ type: "build started", buildId: build.id });
    this.#enqueue(build);
    return build;
  }

  /** Ends a build from outside: StopBuild, a timeout, or FAULT for a container that vanishes without a word. */
  end(id: string, ending: BuildEnding): void {
    this.#live.get(id)?.ending.abort(ending);
  }

  /** Resolves when a build has ended and all its processes are gone. */
  async ended(id: string): Promise<void> {
    await this.#live.get(id)?.done.promise;
  }

  /** Stops every build. */
  async close(): Promise<void> {
    const live = [...this.#live.values()];
    for (const { ending } of live) ending.abort("STOPPED" satisfies BuildEnding);
    await Promise.all(live.map(({ done }) => done.promise));
  }

  #repeated(input: StartBuildInput): Build | undefined {
    const known = input.idempotencyToken === undefined ? undefined : this.#tokens.get(input.idempotencyToken);
    if (known === undefined || Date.now() - known.at > TOKEN_LIFETIME_MS) return undefined;
    if (known.input === JSON.stringify(input)) return known.build;
    throw invalidInput(
      "Idempotent parameter mismatch: a request with this idempotencyToken was made with other parameters",
    );
  }

  #checkLimits(project: CodeBuildProject, fleet: CodeBuildFleet | undefined): void {
    const ofProject = this.running.filter((build) => build.project.name === project.name).length;
    if (project.concurrentBuildLimit !== undefined && ofProject >= project.concurrentBuildLimit) {
      throw limitExceeded(
        `Concurrent build limit exceeded: project ${project.name} has ${ofProject} builds in progress`,
      );
    }
    // A fleet has a queue of its own.
    if (fleet !== undefined) return;
    const places = this.settings.concurrentBuilds * 5;
    if (
      this.settings.concurrentBuilds === 0 ||
      this.#queue.filter(({ build }) => build.fleetArn === undefined).length >= places
    ) {
      throw limitExceeded(`Cannot have more than ${places} builds in queue for the account`);
    }
  }

  #enqueue(build: Build): void {
    build.beginPhase("SUBMITTED");
    build.endPhase("SUCCEEDED");
    build.beginPhase("QUEUED");
    this.#happenings.emit({ type: "build phase", buildId: build.id, phase: "QUEUED" });
    const live: LiveBuild = {
      build,
      ending: new AbortController(),
      done: Promise.withResolvers(),
      timer: undefined,
      onFleet: undefined,
    };
    this.#live.set(build.id, live);
    this.#queue.push(live);
    live.ending.signal.addEventListener("abort", () => this.#endQueued(live), { once: true });
    live.timer = this.#timeout(live, build.queuedTimeoutMinutes);
    // The answer to StartBuild shows the build as it is in the queue.
    queueMicrotask(() => this.#next());
  }

  #timeout(live: LiveBuild, minutes: number): ReturnType<typeof setTimeout> {
    return setTimeout(
      () => live.ending.abort("TIMED_OUT" satisfies BuildEnding),
      minutes * this.settings.minuteMs,
    );
  }

  #endQueued(live: LiveBuild): void {
    const place = this.#queue.indexOf(live);
    if (place < 0) return;
    this.#queue.splice(place, 1);
    live.build.endPhase(live.ending.signal.reason as BuildEnding);
    this.#finish(live);
  }

  /** Puts a fleet in the place of the one of its name: it has other machines from now on, or another status. */
  changeFleet(fleet: CodeBuildFleet): void {
    this.fleets.all.set(fleet.name, fleet);
    this.#next();
  }

  #next(): void {
    for (;;) {
      const next = this.#queue.findIndex((live) => this.#takesRoom(live));
      const [live] = next < 0 ? [] : this.#queue.splice(next, 1);
      if (live === undefined) return;
      void this.#execute(live);
    }
  }

  /** Whether there is a machine for the build, of its fleet or, where there is none or that overflows, on demand. */
  #takesRoom(live: LiveBuild): boolean {
    const { fleetArn } = live.build;
    const fleet = fleetArn === undefined ? undefined : this.fleets.find(fleetArn);
    if (fleet !== undefined && this.#on(fleetArn) < roomOf(fleet)) {
      live.onFleet = fleetArn;
      return true;
    }
    const onDemand = fleetArn === undefined || fleet?.overflowBehavior === "ON_DEMAND";
    return onDemand && this.#on(undefined) < this.settings.concurrentBuilds;
  }

  /** Builds that have machines of the fleet, or on demand. */
  #on(fleetArn: string | undefined): number {
    return this.#executing.filter(({ onFleet }) => onFleet === fleetArn).length;
  }

  async #execute(live: LiveBuild): Promise<void> {
    this.#executing.push(live);
    clearTimeout(live.timer);
    live.build.endPhase("SUCCEEDED");
    live.timer = this.#timeout(live, live.build.timeoutMinutes);
    try {
      await executeBuild(live.build, this.#happenings, live.ending.signal);
    } finally {
      this.#executing = this.#executing.filter((one) => one !== live);
      this.#finish(live);
      this.#next();
    }
  }

  #finish(live: LiveBuild): void {
    clearTimeout(live.timer);
    const { build, ending } = live;
    const failed = build.phases.some((phase) => phase.phaseStatus === "FAILED");
    build.end(ending.signal.aborted ? ending.signal.reason as BuildEnding : failed ? "FAILED" : "SUCCEEDED");
    this.#live.delete(build.id);
    this.#happenings.emit({ type: "build phase", buildId: build.id, phase: "COMPLETED" });
    this.#happenings.emit({ type: "build ended", buildId: build.id, status: build.status });
    live.done.resolve();
  }
}

function machineOf({ image, environmentType, computeType }: Build) {
  return { image, environmentType, computeType };
}

/** The refusal of a project that is not there. */
export function projectMissing(name: string, settings: CodeBuildSettings): ApiRefusal {
  const arn = `arn:aws:codebuild:${settings.region}:${settings.accountId}:project/${name}`;
  return badRequest("ResourceNotFoundException", `Project cannot be found: ${arn}`);
}

function limitExceeded(message: string): ApiRefusal {
  return badRequest("AccountLimitExceededException", message);
}
