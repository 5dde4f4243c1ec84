/** A service that a release is published to, and how it is spoken to. */
export interface Service {
  /** Without a slash at its end. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** How long one request may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Before the second attempt at what may be repeated, in milliseconds; twice that before the third, and so on. */
  readonly pauseMs: number;
}

export interface ServiceCall {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below the service's address, or an address that it gave. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  /** Statuses beside 200 to 299 that are an answer, such as a 404 that means «there is none». */
  readonly alsoFine?: readonly number[];
  /** Doing it twice does no more than doing it once, so that it may be repeated; what only reads may be anyway. */
  readonly repeatable?: boolean;
}

/** A service did not do what it was asked for; it may have done it all the same where there is no status. */
export class ServiceError extends Error {
  readonly status: number | undefined;

  constructor(message: string, status: number | undefined, cause?: unknown) {
    super(message, { cause });
    this.name = "ServiceError";
    this.status = status;
  }
}

const MOST_ATTEMPTS = 4;

/** Makes a call; passing faults are outwaited where it may be repeated. Rejects with `ServiceError`. */
export async function callService(service: Service, call: ServiceCall): Promise<Response> {
  const repeatable = call.repeatable ?? (call.method === "GET" || call.method === "HEAD");
  for (let attempt = 1;; attempt++) {
    try {
      return await callOnce(service, call);
    } catch (error) {
      if (!repeatable || attempt === MOST_ATTEMPTS || !isPassing(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, service.pauseMs * 2 ** (attempt - 1)));
    }
  }
}

async function callOnce(service: Service, { method, path, headers, body, alsoFine = [] }: ServiceCall) {
  const url = new URL(path.startsWith("/") ? `${service.url}${path}` : path);
  const what = `Cannot ${method} ${url.origin}${url.pathname}`;
  let response: Response;
  try {
    response = await fetch(url, {
      method,
      headers: { ...service.headers, ...headers },
      ...(body === undefined ? {} : { body: body as BodyInit }),
      signal: AbortSignal.timeout(service.timeoutMs),
    });
    if (response.ok || alsoFine.includes(response.status)) return await complete(response);
  } catch (cause) {
    throw new ServiceError(`${what}: ${cause instanceof Error ? cause.message : cause}`, undefined, cause);
  }
  const text = await response.text().catch(() => "");
  throw new ServiceError(`${what}: it answered ${response.status} ${text.slice(0, 300)}`, response.status);
}

/** The whole answer is here, or the call has failed: a body that breaks off later would be nobody's fault. */
async function complete(response: Response): Promise<Response> {
  const content = response.body === null ? null : await response.bytes();
  return new Response(content, { status: response.status, headers: response.headers });
}

function isPassing(error: unknown): boolean {
  if (!(error instanceof ServiceError)) return false;
  return error.status === undefined || error.status === 429 || error.status >= 500;
}
