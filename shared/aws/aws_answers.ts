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
  alsoPassing: readonly string[] = [],
): void {
  const passing = [...PASSING_CODES, ...alsoPassing];
  const middleware = (next: Next) => async (args: unknown) => {
    const result = await next(args).catch((error) => {
      throw withRetry(error, passing);
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

type Thrown = { name?: string; $fault?: unknown; $retryable?: unknown };

function withRetry(error: Thrown, passing: readonly string[]): Thrown {
  // Only what AWS itself sends as an error carries `$fault`; anything else broke on the way or while being read.
  const unread = error.$fault === undefined && error.name !== "AbortError";
  if (unread || passing.includes(error.name ?? "")) error.$retryable ??= {};
  return error;
}

function unusable(output: Record<string, unknown>, missing: string): Error {
  return Object.assign(new NoAnswerError(`the answer has no ${missing}`), { $metadata: output["$metadata"] });
}
