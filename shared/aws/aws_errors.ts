import { ApiError } from "../program/errors.ts";

/** What a failed call to AWS means to the programs; the only place where that is decided. */
export type AwsErrorKind =
  /** The credentials were good once; new ones help. */
  | "expired"
  /** AWS refuses who we are, or what we may do. */
  | "refused"
  | "not found"
  /** Too many builds at the moment; waiting helps. */
  | "capacity"
  /** The account may not run any build of this kind; waiting does not help. */
  | "no quota"
  /** AWS does not accept what was asked for. */
  | "invalid"
  | "throttled"
  /** No usable answer, or a fault on the side of AWS, after all retries. */
  | "unavailable";

/** A call to AWS that failed after the SDK's retries. */
export class AwsCallError extends ApiError {
  readonly kind: AwsErrorKind;
  /** The exception's name as AWS gives it, as in `AccessDeniedException`. */
  readonly code: string;

  constructor(call: string, details: SdkError, kind: AwsErrorKind) {
    super(describe(call, details), {
      call,
      status: details.status,
      requestId: details.requestId,
    }, { cause: details.cause });
    this.kind = kind;
    this.code = details.code;
  }
}

interface SdkError {
  readonly code: string;
  readonly message: string;
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  readonly attempts: number;
  /** Whether AWS itself named the error; otherwise the answer was missing or unreadable. */
  readonly fromAws: boolean;
  readonly cause: unknown;
}

/** In characters. AWS's longest messages name two ARNs and why a policy does not allow something. */
const LONGEST_MESSAGE = 1000;
const LONGEST_NAME = 100;

const EXPIRED = ["ExpiredTokenException", "ExpiredToken"];
const REFUSED = [
  "AccessDenied",
  "AccessDeniedException",
  "CredentialsProviderError",
  "IDPRejectedClaimException",
  "IncompleteSignature",
  "InvalidClientTokenId",
  "InvalidIdentityTokenException",
  "InvalidSignatureException",
  "MissingAuthenticationToken",
  "MissingAuthenticationTokenException",
  "NotAuthorized",
  "OptInRequired",
  "SignatureDoesNotMatch",
  "TokenProviderError",
  "UnrecognizedClientException",
];
const THROTTLED = [
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
  "RequestLimitExceeded",
  "LimitExceededException",
];
const NOT_FOUND = ["ResourceNotFoundException", "NotFoundException"];
const CAPACITY = ["AccountLimitExceededException"];

/** Puts what the SDK threw into the programs' own words. */
export function awsCallError(call: string, error: unknown): AwsCallError {
  const details = sdkError(error);
  return new AwsCallError(call, details, kindOf(details));
}

/** Runs one call to AWS; an abort rejects with the signal's reason, everything else with `AwsCallError`. */
export async function callAws<T>(
  call: string,
  signal: AbortSignal | undefined,
  run: (sending: { readonly abortSignal?: AbortSignal }) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  try {
    return await run(signal === undefined ? {} : { abortSignal: signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw awsCallError(call, error);
  }
}

function kindOf({ code, message, status, fromAws }: SdkError): AwsErrorKind {
  if (EXPIRED.includes(code)) return "expired";
  if (REFUSED.includes(code)) return "refused";
  // CodeBuild has one code for «later» and «never», and none of its own for a project's limit: only the text tells.
  if (/more than 0 builds? in queue/i.test(message)) return "no quota";
  if (CAPACITY.includes(code) || /concurrent build limit/i.test(message)) return "capacity";
  if (THROTTLED.includes(code) || status === 429 || /^rate exceeded/i.test(message)) return "throttled";
  if (status === 401 || status === 403) return "refused";
  if (NOT_FOUND.includes(code)) return "not found";
  const lasting = fromAws && status !== undefined && status < 500 &&
    code !== "IDPCommunicationErrorException";
  return lasting ? "invalid" : "unavailable";
}

function describe(call: string, { code, message, status, requestId, attempts, fromAws }: SdkError): string {
  const tries = attempts > 1 ? ` after ${attempts} attempts` : "";
  const request = requestId === undefined ? "" : ` (request id ${requestId})`;
  if (code === "CredentialsProviderError" || code === "TokenProviderError") {
    return `Cannot call ${call}: ${message}`;
  }
  if (!fromAws) {
    const answered = status === undefined ? "no answer" : `an unusable answer with status ${status}`;
    return `Cannot call ${call}: ${answered} from AWS${tries}: ${firstLine(message)}${request}`;
  }
  const answered = `AWS answered ${status ?? "without a status"}${tries}`;
  // The SDK's word where AWS says nothing, as KMS does of a ciphertext that it cannot open.
  const said = message === "UnknownError" ? "" : `: ${firstLine(message)}`;
  return `Cannot call ${call}: ${answered}: ${code}${said}${request}`;
}

function sdkError(error: unknown): SdkError {
  const thrown = error as {
    name?: unknown;
    message?: unknown;
    $fault?: unknown;
    $metadata?: { httpStatusCode?: number; requestId?: string; attempts?: number };
  } | null;
  return {
    code: typeof thrown?.name === "string" ? thrown.name.slice(0, LONGEST_NAME) : "Unknown",
    message: (typeof thrown?.message === "string" ? thrown.message : String(error)).slice(0, LONGEST_MESSAGE),
    status: thrown?.$metadata?.httpStatusCode,
    requestId: thrown?.$metadata?.requestId?.slice(0, LONGEST_NAME),
    attempts: thrown?.$metadata?.attempts ?? 1,
    fromAws: thrown?.$fault !== undefined,
    cause: error,
  };
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? text;
}
