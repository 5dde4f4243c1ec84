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

/** What a later phase needs to know of a launched runner; kept in the state file, free of secrets. */
export type LaunchedRunner =
  | {
    readonly type: "shell";
    readonly pid: number;
    /** Field 22 of /proc/PID/stat; guards against a reused pid. */
    readonly startTime: string;
  }
  | {
    readonly type: "docker";
    readonly container: string;
    readonly runnerUuid: string;
    readonly logFile: string;
  };

/** How a runner ended: by itself after SIGTERM, by SIGKILL, or before anybody asked. */
export type StopOutcome = "stopped" | "killed" | "was gone";

/** A running runner: one of the two types behind one face. */
export interface RunnerControl {
  /** Whether the runner itself (not a helper around it) is still running. */
  alive(): Promise<boolean>;
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
}
