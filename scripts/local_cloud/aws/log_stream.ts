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
  /** CodeBuild makes the stream while it provisions the build's container. */
  exists = false;

  constructor(groupName: string, streamName: string) {
    this.groupName = groupName;
    this.streamName = streamName;
  }

  add(line: string): void {
    this.events.push({ timestamp: Date.now(), message: `${line}\n` });
  }
}
