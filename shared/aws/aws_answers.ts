import { NoAnswerError } from "./aws_fetch.ts";

/** Says what an answer lacks, or undefined when the programs can use it. */
export type AnswerCheck = (output: Record<string, unknown>) => string | undefined;

/** The part of an SDK client this needs; its own type depends on the service. */
interface Stacked {
  // deno-lint-ignore no-explicit-any -- the SDK types a middleware stack by the service's inputs and outputs
  readonly middlewareStack: { add(middleware: any, options: any): void };
}

type Next = (args: unknown) => Promise<{ output: Record<string, unknown> }>;

/**
 * Errors that pass although the SDK takes them for final: a clock that was off (the SDK has learnt the server's
 * time from the very answer), and an identity provider's keys that STS could not fetch in time.
 */
const PASSING_CODES = [
  "InvalidSignatureException",
  "RequestTimeTooSkewed",
  "RequestExpired",
  "RequestInTheFuture",
  "SignatureDoesNotMatch",
];

/**
 * Makes the client retry what it would otherwise let through or take for final: answers that cannot be read
 * (HTML from a proxy, cut JSON) and answers that lack what the call is made for.
 */
export function retryUnusableAnswers(
  client: Stacked,
  check: AnswerCheck,
  alsoPasses: (error: AwsRefusal) => boolean = () => false,
): void {
  const passes = (error: Thrown) => PASSING_CODES.includes(error.name ?? "") || alsoPasses(refusalOf(error));
  const middleware = (next: Next) => async (args: unknown) => {
    const result = await next(args).catch((error) => {
      throw withRetry(error, passes);
    });
    const missing = check(result.output);
    if (missing !== undefined) throw unusable(result.output, missing);
    return result;
  };
  client.middlewareStack.add(middleware, {
    name: "retryUnusableAnswers",
    step: "deserialize",
    priority: "high",
  });
}

type Thrown = {
  name?: string;
  $fault?: unknown;
  $retryable?: unknown;
  $response?: { headers?: Record<string, string> };
};

/** An error as AWS sends it, and when it did by its own clock, in milliseconds since 1970. */
export interface AwsRefusal {
  readonly code: string;
  readonly sentMs: number | undefined;
}

function refusalOf({ name = "", $response }: Thrown): AwsRefusal {
  const sentMs = Date.parse($response?.headers?.["date"] ?? "");
  return { code: name, sentMs: Number.isNaN(sentMs) ? undefined : sentMs };
}

function withRetry(error: Thrown, passes: (error: Thrown) => boolean): Thrown {
  // Only what AWS itself sends as an error carries `$fault`; anything else broke on the way or while being read.
  const unread = error.$fault === undefined && error.name !== "AbortError";
  if (unread || passes(error)) error.$retryable ??= {};
  return error;
}

function unusable(output: Record<string, unknown>, missing: string): Error {
  return Object.assign(new NoAnswerError(`the answer has no ${missing}`), { $metadata: output["$metadata"] });
}
