import { type ApiCall, type ApiRequest, badRequest } from "../server/api_call.ts";
import type { AwsCredentials } from "./aws_credentials.ts";
import { identifyAwsJson } from "./aws_json.ts";
import type { LogStream } from "./log_stream.ts";

/** CloudWatch Logs, as far as the reading of a build's log takes. */
export function identifyLogs(
  streams: (group: string, stream: string) => LogStream | undefined,
  credentials: AwsCredentials,
  request: ApiRequest,
): ApiCall | undefined {
  const operations = { GetLogEvents: (input: Record<string, unknown>) => getLogEvents(streams, input) };
  return identifyAwsJson("Logs_20140328", operations, credentials, request);
}

/** AWS's limit of events on one page. Source: CloudWatch Logs' service model. */
const LARGEST_PAGE = 10_000;

function getLogEvents(
  streams: (group: string, stream: string) => LogStream | undefined,
  input: Record<string, unknown>,
): object {
  const stream = streams(groupOf(input), String(input["logStreamName"] ?? ""));
  if (stream === undefined || !stream.exists) {
    throw badRequest("ResourceNotFoundException", "The specified log stream does not exist.");
  }
  const limit = Math.min(Number(input["limit"] ?? LARGEST_PAGE), LARGEST_PAGE);
  const { from, to, mark = "s" } = pageBounds(input, stream.shown.length, limit);
  return {
    events: stream.events.slice(from, to).map((event) => ({ ...event, ingestionTime: event.timestamp })),
    nextForwardToken: `f/${to}/${mark}`,
    nextBackwardToken: `b/${from}/s`,
  };
}

function groupOf(input: Record<string, unknown>): string {
  const identifier = String(input["logGroupIdentifier"] ?? "");
  return String(input["logGroupName"] ?? identifier.replace(/^arn:.*:log-group:/, "").replace(/:\*$/, ""));
}

/**
 * Tokens hold a position. Without a token the newest page comes first, unless `startFromHead` is true. Forwards, the same token
 * comes back at the end, and an empty page with another one is no end: here each page is preceded by such a one, since any
 * may be. Source: GetLogEvents, API reference of CloudWatch Logs.
 */
function pageBounds(
  input: Record<string, unknown>,
  length: number,
  limit: number,
): { from: number; to: number; mark?: "s" | "e" } {
  const token = /^([fb])\/(\d+)\/([se])$/.exec(String(input["nextToken"] ?? ""));
  if (input["nextToken"] !== undefined && token === null) {
    throw badRequest("InvalidParameterException", "The specified nextToken is invalid.");
  }
  if (token === null) {
    const from = input["startFromHead"] === true ? 0 : Math.max(0, length - limit);
    return { from, to: Math.min(length, from + limit) };
  }
  const position = Number(token[2]);
  if (token[1] === "f") {
    if (input["startFromHead"] !== true) {
      throw badRequest("InvalidParameterException", "startFromHead must be true with a nextForwardToken.");
    }
    if (position >= length) return { from: position, to: position, mark: token[3] === "e" ? "e" : "s" };
    if (token[3] === "s") return { from: position, to: position, mark: "e" };
    return { from: position, to: Math.min(length, position + limit) };
  }
  return { from: Math.max(0, position - limit), to: position };
}
