/** A request that got no answer, or not the whole of it; `$retryable` tells the AWS SDK to try again. */
export class NoAnswerError extends Error {
  readonly $retryable = {};

  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "NoAnswerError";
  }
}

/** Statuses whose answers have no body by definition (RFC 9110). */
const WITHOUT_BODY = [101, 204, 205, 304];

/**
 * A `fetch` that resolves once the whole answer is there, and gives up after `timeoutMs`, body included: the
 * SDK's own timeout ends with the headers. The timer is the real one, since it measures a real connection.
 */
export function boundedFetch(fetchAnswer: typeof fetch, timeoutMs: number): typeof fetch {
  return async (input, init) => {
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), timeoutMs);
    const outer = init?.signal ?? (input instanceof Request ? input.signal : undefined);
    try {
      const signal = outer ? AbortSignal.any([outer, timeout.signal]) : timeout.signal;
      const response = await fetchAnswer(input, { ...init, signal });
      return await completeCopy(response);
    } catch (error) {
      if (outer?.aborted) throw error;
      if (timeout.signal.aborted) throw new NoAnswerError(`no answer within ${timeoutMs / 1000} s`, error);
      throw new NoAnswerError(error instanceof Error ? error.message : String(error), error);
    } finally {
      clearTimeout(timer);
    }
  };
}

async function completeCopy(response: Response): Promise<Response> {
  const body = await response.arrayBuffer();
  return new Response(WITHOUT_BODY.includes(response.status) ? null : body, {
    status: response.status,
    statusText: response.statusText,
    headers: response.headers,
  });
}
