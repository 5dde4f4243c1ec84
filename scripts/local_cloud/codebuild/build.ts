import { type CodeBuildProject, type CodeBuildSettings, DEFAULT_IMAGE } from "./codebuild_project.ts";
import { LogStream } from "../aws/log_stream.ts";
import type { StartBuildInput } from "./start_build_limits.ts";

export type BuildStatus = "IN_PROGRESS" | "SUCCEEDED" | "FAILED" | "FAULT" | "TIMED_OUT" | "STOPPED";
export type PhaseStatus = Exclude<BuildStatus, "IN_PROGRESS">;

export interface PhaseContext {
  readonly statusCode: string;
  readonly message: string;
}

interface Phase {
  readonly phaseType: string;
  readonly startMs: number;
  endMs?: number;
  phaseStatus?: PhaseStatus;
  contexts?: readonly PhaseContext[];
}

/** One build and its history, as BatchGetBuilds shows it. */
export class Build {
  readonly uuid: string = crypto.randomUUID();
  readonly id: string;
  readonly arn: string;
  readonly log: LogStream;
  readonly startMs: number = Date.now();
  readonly phases: Phase[] = [];
  status: BuildStatus = "IN_PROGRESS";
  endMs: number | undefined;

  constructor(
    readonly project: CodeBuildProject,
    readonly input: StartBuildInput,
    readonly number: number,
    readonly settings: CodeBuildSettings,
  ) {
    this.id = `${project.name}:${this.uuid}`;
    this.arn = `arn:aws:codebuild:${settings.region}:${settings.accountId}:build/${this.id}`;
    this.log = new LogStream(`/aws/codebuild/${project.name}`, this.uuid, settings.logDelayMs);
  }

  get currentPhase(): string {
    return this.phases.at(-1)?.phaseType ?? "SUBMITTED";
  }

  get complete(): boolean {
    return this.status !== "IN_PROGRESS";
  }

  get timeoutMinutes(): number {
    return this.input.timeoutInMinutesOverride ?? this.project.timeoutInMinutes ?? 60;
  }

  get queuedTimeoutMinutes(): number {
    return this.input.queuedTimeoutInMinutesOverride ?? this.project.queuedTimeoutInMinutes ?? 480;
  }

  get image(): string {
    return this.input.imageOverride ?? this.project.image ?? DEFAULT_IMAGE;
  }

  get environmentType(): string {
    return this.input.environmentTypeOverride ?? this.project.environmentType ?? "LINUX_CONTAINER";
  }

  get computeType(): string {
    return this.input.computeTypeOverride ?? this.project.computeType ?? "BUILD_GENERAL1_MEDIUM";
  }

  get fleetArn(): string | undefined {
    return this.input.fleetOverride?.fleetArn ?? this.project.fleetArn;
  }

  beginPhase(phaseType: string): void {
    this.phases.push({ phaseType, startMs: Date.now() });
  }

  endPhase(
    phaseStatus: PhaseStatus,
    contexts: readonly PhaseContext[] = [{ statusCode: "", message: "" }],
  ): void {
    const phase = this.phases.at(-1);
    if (phase !== undefined) Object.assign(phase, { endMs: Date.now(), phaseStatus, contexts });
  }

  end(status: PhaseStatus): void {
    this.beginPhase("COMPLETED");
    this.status = status;
    this.endMs = Date.now();
  }

  /** The build in CodeBuild's own form; times in seconds since 1970. */
  toWire(): object {
    return {
      id: this.id,
      arn: this.arn,
      buildNumber: this.number,
      startTime: seconds(this.startMs),
      ...(this.endMs === undefined ? {} : { endTime: seconds(this.endMs) }),
      currentPhase: this.currentPhase,
      buildStatus: this.status,
      ...(this.input.sourceVersion === undefined ? {} : { sourceVersion: this.input.sourceVersion }),
      projectName: this.project.name,
      phases: this.phases.map(phaseToWire),
      source: {
        type: "NO_SOURCE",
        buildspec: this.input.buildspecOverride ?? this.project.buildspec,
        insecureSsl: false,
      },
      artifacts: { location: "" },
      cache: { type: "NO_CACHE" },
      environment: this.#environment(),
      logs: this.#logs(),
      debugSession: this.#debugSession(),
      timeoutInMinutes: this.timeoutMinutes,
      queuedTimeoutInMinutes: this.queuedTimeoutMinutes,
      buildComplete: this.complete,
      initiator: "runner/step",
      serviceRole: `arn:aws:iam::${this.settings.accountId}:role/codebuild`,
      encryptionKey: `arn:aws:kms:${this.settings.region}:${this.settings.accountId}:alias/aws/s3`,
    };
  }

  #environment(): object {
    return {
      type: this.environmentType,
      image: this.image,
      computeType: this.computeType,
      ...(this.fleetArn === undefined ? {} : { fleet: { fleetArn: this.fleetArn } }),
      environmentVariables: variablesOf(this.project, this.input),
      privilegedMode: this.input.privilegedModeOverride ?? true,
      imagePullCredentialsType: "CODEBUILD",
    };
  }

  /** The target is there once the build has a machine, if its role may open a session. */
  #debugSession(): object {
    const sessionEnabled = this.input.debugSessionEnabled === true;
    const opens = sessionEnabled && this.settings.opensSessions && this.log.exists;
    return { sessionEnabled, ...(opens ? { sessionTarget: `codebuild:${this.uuid}` } : {}) };
  }

  /** Before the stream exists, CodeBuild's answer has links that lead to «null». */
  #logs(): object {
    const { region, accountId } = this.settings;
    const console =
      `https://console.aws.amazon.com/cloudwatch/home?region=${region}#logsV2:log-groups/log-group`;
    if (!this.log.exists) {
      return {
        deepLink: `${console}/null/log-events/null`,
        cloudWatchLogsArn: `arn:aws:logs:${region}:${accountId}:log-group:null:log-stream:null`,
      };
    }
    const { groupName, streamName } = this.log;
    return {
      groupName,
      streamName,
      deepLink: `${console}/${groupName.replaceAll("/", "$252F")}/log-events/${streamName}`,
      cloudWatchLogsArn:
        `arn:aws:logs:${region}:${accountId}:log-group:${groupName}:log-stream:${streamName}`,
    };
  }
}

/** A build's variables, those of StartBuild replacing the project's. */
export function variablesOf(project: CodeBuildProject, input: StartBuildInput) {
  const overrides = input.environmentVariablesOverride;
  const kept = (project.environmentVariables ?? []).filter(({ name }) =>
    !overrides.some((other) => other.name === name)
  );
  return [...kept, ...overrides].map((variable) => ({ type: "PLAINTEXT", ...variable }));
}

function phaseToWire(phase: Phase): object {
  if (phase.endMs === undefined) return { phaseType: phase.phaseType, startTime: seconds(phase.startMs) };
  return {
    phaseType: phase.phaseType,
    phaseStatus: phase.phaseStatus,
    startTime: seconds(phase.startMs),
    endTime: seconds(phase.endMs),
    durationInSeconds: Math.round((phase.endMs - phase.startMs) / 1000),
    contexts: phase.contexts,
  };
}

function seconds(ms: number): number {
  return ms / 1000;
}
