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
  const client = new CloudWatchLogsClient(clientSettings("CLOUDWATCH_LOGS", options));
  retryUnusableAnswers(client, (output) => Array.isArray(output["events"]) ? undefined : "events");
  const command = new GetLogEventsCommand({
    logGroupName: place.group,
    logStreamName: place.stream,
    limit,
    startFromHead: false,
  });
  const output = await callAws("GetLogEvents", signal, (sending) => client.send(command, sending));
  const lines = (output.events ?? []).flatMap((event) => (event.message ?? "").split("\n"));
  return lines.map((line) => line.trimEnd()).filter((line) => line !== "").slice(-limit).map(cut);
}

function cut(line: string): string {
  return line.length <= LONGEST_LINE ? line : `${line.slice(0, LONGEST_LINE)}…`;
}
