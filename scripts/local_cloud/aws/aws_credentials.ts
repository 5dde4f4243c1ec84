import { type ApiRequest, badRequest } from "../server/api_call.ts";

/** Temporary credentials as STS hands them out. */
export interface TemporaryCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Long-lived credentials for trying things from a laptop, outside a pipeline. */
export const STATIC_CREDENTIALS = {
  accessKeyId: "AKIALOCALCLOUD000001",
  secretAccessKey: "local-cloud-secret-key",
} as const;

/** Knows every access key that was handed out. Signatures are not verified: only the key in them counts. */
export class AwsCredentials {
  readonly #issued = new Map<string, number>([[STATIC_CREDENTIALS.accessKeyId, Infinity]]);

  issue(durationS: number): TemporaryCredentials {
    const random = crypto.randomUUID().replaceAll("-", "").toUpperCase();
    const credentials = {
      accessKeyId: `ASIA${random.slice(0, 16)}`,
      secretAccessKey: crypto.randomUUID().replaceAll("-", ""),
      sessionToken: `IQoJb3JpZ2luX2Vj${random}`,
      expiresAt: Date.now() + durationS * 1000,
    };
    this.#issued.set(credentials.accessKeyId, credentials.expiresAt);
    return credentials;
  }

  /** Throws `ApiRefusal` where the request's key is unknown or has expired. */
  check(request: ApiRequest): void {
    const key = accessKeyOf(request);
    if (key === undefined) {
      throw badRequest("MissingAuthenticationTokenException", "Missing Authentication Token");
    }
    const expiresAt = this.#issued.get(key);
    if (expiresAt === undefined) {
      throw badRequest(
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
      );
    }
    if (expiresAt <= Date.now()) {
      throw badRequest("ExpiredTokenException", "The security token included in the request is expired");
    }
  }
}

/** The access key id in a request's SigV4 header. */
export function accessKeyOf(request: ApiRequest): string | undefined {
  return /Credential=([^/]+)\//.exec(request.headers["authorization"] ?? "")?.[1];
}
