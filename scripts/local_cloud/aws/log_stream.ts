/** One line of a build's log. */
export interface LogEvent {
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  /** With its line end, as CodeBuild sends it. */
  readonly message: string;
}

/** The log of one build, as a CloudWatch Logs stream keeps it. */
export class LogStream {
  readonly groupName: string;
  readonly streamName: string;
  readonly events: LogEvent[] = [];
  readonly #delayMs: number;
  /** CodeBuild makes the stream while it provisions the build's container. */
  exists = false;

  /** `delayMs` is how long a line takes until readers see it. */
  constructor(groupName: string, streamName: string, delayMs = 0) {
    this.#delayMs = delayMs;
    this.groupName = groupName;
    this.streamName = streamName;
  }

  /** What readers see by now. */
  get shown(): readonly LogEvent[] {
    const now = Date.now();
    return this.#delayMs === 0
      ? this.events
      : this.events.filter(({ timestamp }) => timestamp + this.#delayMs <= now);
  }

  add(line: string): void {
    this.events.push({ timestamp: Date.now(), message: `${line}\n` });
  }
}
