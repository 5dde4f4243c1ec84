import type { Pulse } from "../process/process_table.ts";
import type { StopOutcome } from "../process/terminate.ts";
import type { LaunchedRunner } from "../settings/agent_schema.ts";

/** What launching a runner takes, for either type. */
export interface RunnerLaunch {
  /** The name it is registered under. */
  readonly runnerName: string;
  readonly runnerUuid: string;
  readonly workspaceUuid: string;
  readonly repositoryUuid: string;
  readonly oauthClientId: string;
  readonly oauthClientSecret: string;
  /** Where steps do their work. */
  readonly workingDirectory: string;
  /** Where the runner's output is written to. */
  readonly logFile: string;
}

/** A runner for which all is there but its registration. */
export interface PreparedRunner {
  /**
   * Launches it so that it outlives the program, and returns what `attachRunner()` needs in a later phase. Rejects with
   * RunnerError when it cannot be launched; nothing of it runs then.
   */
  launch(launch: RunnerLaunch): Promise<LaunchedRunner>;
}

/** What a Docker runner is known by. */
export type DockerRecord = Extract<LaunchedRunner, { type: "docker" }>;

/** A step that is over. */
export interface OverStep {
  readonly stepUuid: string;
  /** Ticks since boot when it was heard to begin. */
  readonly beganTicks: number;
  /** What the runner had running before, by `work()`. */
  readonly known: ReadonlySet<string>;
}

/** Something that a step has left running. */
export interface Leftover {
  /** A pid with the name of its program, or a container's name; of letters, digits and `_.+-` alone. */
  readonly name: string;
  /** Sends it a signal if it is still there; missing where it is not safe to end it. */
  readonly signal?: (signal: "SIGTERM" | "SIGKILL") => void;
}

/** A running runner: one of the two types behind one face. */
export interface RunnerControl {
  /** Of the runner itself, not of a helper around it. Answers within some two seconds, whatever hangs. */
  pulse(): Promise<Pulse>;
  /**
   * What the runner has running beside itself now: identities of processes or containers, different for each; undefined
   * when that cannot be told. Called up to twice a second: starts no process but for one that then serves for long.
   */
  work(): Promise<readonly string[] | undefined>;
  /** What a step that is over has left running; nothing where that cannot be told. */
  leftBehind(step: OverStep): Promise<readonly Leftover[]>;
  /** SIGTERM, then after `graceMs` SIGKILL to everything that belongs to it. Safe when it is gone. */
  stop(graceMs: number): Promise<StopOutcome>;
  /** Removes what the runner leaves on the machine: containers of the runner and of its steps. Safe to repeat. */
  cleanUp(): Promise<void>;
  /**
   * Makes sure that the output goes on arriving in the log file, where something besides the runner itself
   * carries it there. Called now and then while the runner is watched; once the runner is dead, the log file is
   * complete after one more call.
   */
  keepOutputFlowing(): Promise<void>;
  /** Ends what the looking takes, as streams of events; the runner goes on. */
  close(): void;
}
