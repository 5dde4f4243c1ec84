import { type ApiRefusal, badRequest } from "../server/api_call.ts";
import { invalidInput } from "../aws/aws_json.ts";
import { Build } from "./build.ts";
import { type BuildEnding, executeBuild } from "./build_executor.ts";
import type { CodeBuildProject, CodeBuildSettings } from "./codebuild_project.ts";
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
}

/** CodeBuild's projects, queue and builds. */
export class CodeBuild {
  readonly projects: Map<string, CodeBuildProject>;
  /** Every build so far, oldest first. */
  readonly builds: Build[] = [];
  readonly settings: CodeBuildSettings;
  readonly #happenings: Happenings;
  readonly #live = new Map<string, LiveBuild>();
  readonly #queue: LiveBuild[] = [];
  readonly #tokens = new Map<string, { input: string; build: Build; at: number }>();
  #executing = 0;

  constructor(projects: readonly CodeBuildProject[], settings: CodeBuildSettings, happenings: Happenings) {
    this.projects = new Map(projects.map((project) => [project.name, project]));
    this.settings = settings;
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
    this.#checkLimits(project);
    const build = new Build(project, input, this.builds.length + 1, this.settings);
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

  #checkLimits(project: CodeBuildProject): void {
    const ofProject = this.running.filter((build) => build.project.name === project.name).length;
    if (project.concurrentBuildLimit !== undefined && ofProject >= project.concurrentBuildLimit) {
      throw limitExceeded(
        `Concurrent build limit exceeded: project ${project.name} has ${ofProject} builds in progress`,
      );
    }
    const places = this.settings.concurrentBuilds * 5;
    if (this.settings.concurrentBuilds === 0 || this.#queue.length >= places) {
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

  #next(): void {
    if (this.#executing >= this.settings.concurrentBuilds) return;
    const live = this.#queue.shift();
    if (live !== undefined) void this.#execute(live);
  }

  async #execute(live: LiveBuild): Promise<void> {
    this.#executing++;
    clearTimeout(live.timer);
    live.build.endPhase("SUCCEEDED");
    live.timer = this.#timeout(live, live.build.timeoutMinutes);
    try {
      await executeBuild(live.build, this.#happenings, live.ending.signal);
    } finally {
      this.#executing--;
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

/** The refusal of a project that is not there. */
export function projectMissing(name: string, settings: CodeBuildSettings): ApiRefusal {
  const arn = `arn:aws:codebuild:${settings.region}:${settings.accountId}:project/${name}`;
  return badRequest("ResourceNotFoundException", `Project cannot be found: ${arn}`);
}

function limitExceeded(message: string): ApiRefusal {
  return badRequest("AccountLimitExceededException", message);
}
