import type { Host } from "../program/host.ts";
import { type NetworkFault, networkFault } from "../program/network_fault.ts";
import { beyondBounds } from "../program/answer_bounds.ts";
import { boundedBody, EndlessAnswerError } from "../program/bounded_body.ts";

/** A request that got no answer, or not the whole of it; `$retryable` tells the AWS SDK to try again. */
export class NoAnswerError extends Error {
  readonly $retryable = {};
  /** What the network did, where it was the network. */
  readonly fault: NetworkFault | undefined;

  constructor(message: string, cause?: unknown, fault?: NetworkFault) {
    super(message, { cause });
    this.fault = fault;
    this.name = "NoAnswerError";
  }
}

/** Statuses whose answers have no body by definition (RFC 9110). */
const WITHOUT_BODY = [101, 204, 205, 304];

/** A hundred builds with long buildspecs and variables are larger than all else that is asked for, and half as large. */
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * A `fetch` that resolves once the whole answer is there, and gives up after `timeoutMs`, body included: the
 * SDK's own timeout ends with the headers. The timer is the real one, since it measures a real connection. What is
 * longer or nests deeper than any answer counts as none.
 */
export function boundedFetch(
  { fetch: fetchAnswer, env }: Pick<Host, "fetch" | "env">,
  timeoutMs: number,
): typeof fetch {
  return async (input, init) => {
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), timeoutMs);
    const outer = init?.signal ?? (input instanceof Request ? input.signal : undefined);
    try {
      const signal = outer ? AbortSignal.any([outer, timeout.signal]) : timeout.signal;
      const response = await fetchAnswer(input, { ...init, signal });
      return await completeCopy(response);
    } catch (error) {
      if (outer?.aborted || error instanceof NoAnswerError) throw error;
      const url = input instanceof Request ? input.url : String(input);
      if (timeout.signal.aborted) {
        throw new NoAnswerError(`${new URL(url).host} is silent for ${timeoutMs / 1000} s`, error);
      }
      const fault = networkFault(error, url, env);
      throw new NoAnswerError(fault.message, error, fault);
    } finally {
      clearTimeout(timer);
    }
  };
}

async function completeCopy(response: Response): Promise<Response> {
  const body = await boundedBody(response, MOST_BYTES).arrayBuffer().catch((error) => {
    throw error instanceof EndlessAnswerError ? unusable(response, error.message) : error;
  });
  const excess = beyondBounds(new TextDecoder().decode(body));
  if (excess !== undefined) throw unusable(response, `it ${excess}`);
  return new Response(WITHOUT_BODY.includes(response.status) ? null : body, {
    status: response.status,
    statusText: response.statusText,
    headers: response.headers,
  });
}

/** With the status, as the SDK's own errors have it: there was an answer. */
function unusable({ status }: Response, problem: string): NoAnswerError {
  return Object.assign(new NoAnswerError(problem), { $metadata: { httpStatusCode: status } });
}
