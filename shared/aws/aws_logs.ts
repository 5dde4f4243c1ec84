import { CloudWatchLogsClient, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { retryUnusableAnswers } from "./aws_answers.ts";
import { type AwsOptions, clientSettings } from "./aws_client.ts";
import { callAws } from "./aws_errors.ts";

export interface LogPlace {
  readonly group: string;
  readonly stream: string;
}

/** In characters; a step may write a line of a megabyte, and CloudWatch keeps it as one. */
const LONGEST_LINE = 2000;

/**
 * The last lines of a log stream, oldest first, at most `limit`, each cut at `LONGEST_LINE`. Failures are `AwsCallError`. CloudWatch hands the
 * newest events out first page; whatever is older does not matter here.
 */
export async function lastLogLines(
  options: AwsOptions,
  place: LogPlace,
  limit: number,
  signal?: AbortSignal,
): Promise<string[]> {
  const client = createClient(options);
  const command = new GetLogEventsCommand({ ...inAwsWords(place), limit, startFromHead: false });
  const output = await callAws("GetLogEvents", signal, (sending) => client.send(command, sending));
  const lines = (output.events ?? []).flatMap((event) => (event.message ?? "").split("\n"));
  return lines.map((line) => line.trimEnd()).filter((line) => line !== "").slice(-limit).map(cut);
}

/** One event of a log: a line as a rule, which may end with its line end. */
export interface LogEvent {
  /** Milliseconds since 1970. */
  readonly timestamp: number | undefined;
  readonly message: string;
}

export interface LogPage {
  readonly events: readonly LogEvent[];
  /** Leads to what follows; the one that was given where there is nothing yet. A page may be empty all the same. */
  readonly token: string;
}

/**
 * Reads a log stream forwards, page by page: from its beginning without a token. Failures are `AwsCallError`, «not found» where there is
 * no such stream yet. Source: GetLogEvents, API reference of CloudWatch Logs.
 */
export function createLogReader(
  options: AwsOptions,
): (place: LogPlace, token?: string, signal?: AbortSignal) => Promise<LogPage> {
  const client = createClient(options);
  return async (place, nextToken, signal) => {
    const command = new GetLogEventsCommand({ ...inAwsWords(place), nextToken, startFromHead: true });
    const output = await callAws("GetLogEvents", signal, (sending) => client.send(command, sending));
    const events = (output.events ?? []).map(({ timestamp, message = "" }) => ({ timestamp, message }));
    return { events, token: output.nextForwardToken ?? nextToken ?? "" };
  };
}

function createClient(options: AwsOptions): CloudWatchLogsClient {
  const client = new CloudWatchLogsClient(clientSettings("CLOUDWATCH_LOGS", options));
  retryUnusableAnswers(client, (output) => Array.isArray(output["events"]) ? undefined : "events");
  return client;
}

function inAwsWords({ group, stream }: LogPlace) {
  return { logGroupName: group, logStreamName: stream };
}

function cut(line: string): string {
  return line.length <= LONGEST_LINE ? line : `${line.slice(0, LONGEST_LINE)}…`;
}
