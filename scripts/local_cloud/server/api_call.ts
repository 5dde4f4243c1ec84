/** A request as it arrived, its body read. */
export interface ApiRequest {
  readonly method: string;
  readonly url: URL;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The body as it came, for what is no text. */
  readonly bytes: Uint8Array;
}

/** An answer, ready to be written. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** A failure of a platform's API; each API words it in its own form. */
export interface ApiFailure {
  readonly status: number;
  /** AWS's exception name; Bitbucket's errors have none. */
  readonly code: string;
  readonly message: string;
  /** Bitbucket's `error.detail`. */
  readonly detail?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Thrown where a call is refused; the API that handles the call words it. */
export class ApiRefusal extends Error {
  readonly failure: ApiFailure;

  constructor(failure: ApiFailure) {
    super(`${failure.code}: ${failure.message}`);
    this.failure = failure;
  }
}

/** What plays on this machine: the platforms, and where a release is published to. */
export type ApiName = "AWS" | "Bitbucket" | "GitHub" | "registry";

/** A request that has been recognised as a call of one of the APIs. */
export interface ApiCall {
  readonly api: ApiName;
  readonly name: string;
  readonly credential: string;
  /** Does what was asked for. May throw `ApiRefusal`. */
  answer(): Reply | Promise<Reply>;
  /** A failure in the API's own form. */
  refuse(failure: ApiFailure): Reply;
}

/** A refusal of what was asked for, as AWS's APIs have it. */
export function badRequest(code: string, message = ""): ApiRefusal {
  return new ApiRefusal({ status: 400, code, message });
}

/** A JSON answer. */
export function jsonReply(status: number, value: unknown, headers: Record<string, string> = {}): Reply {
  return { status, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(value) };
}

/** Runs a call; where it is refused, the answer is the refusal in the API's own form. */
export async function answerOrRefuse(
  refuse: (failure: ApiFailure) => Reply,
  act: () => Reply | Promise<Reply>,
): Promise<Reply> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof ApiRefusal) return refuse(error.failure);
    throw error;
  }
}
