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

/** Whose credentials they are: the role of a step that assumes one, the build's own role, or a person's. */
export type KeyOwner = "step" | "build" | "person";

interface IssuedKey {
  readonly owner: KeyOwner;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Knows every access key that was handed out. Signatures are not verified: only the key in them counts. */
export class AwsCredentials {
  readonly #issued = new Map<string, IssuedKey>([
    [STATIC_CREDENTIALS.accessKeyId, { owner: "person", expiresAt: Infinity }],
  ]);

  issue(durationS: number, owner: KeyOwner): TemporaryCredentials {
    const random = crypto.randomUUID().replaceAll("-", "").toUpperCase();
    const credentials = {
      accessKeyId: `ASIA${random.slice(0, 16)}`,
      secretAccessKey: crypto.randomUUID().replaceAll("-", ""),
      sessionToken: `IQoJb3JpZ2luX2Vj${random}`,
      expiresAt: Date.now() + durationS * 1000,
    };
    this.#issued.set(credentials.accessKeyId, { owner, expiresAt: credentials.expiresAt });
    return credentials;
  }

  /** Whose key it is; undefined for one that nobody was given. */
  ownerOf(accessKeyId: string | undefined): KeyOwner | undefined {
    return this.#issued.get(accessKeyId ?? "")?.owner;
  }

  /** Whose key the request has. Throws `ApiRefusal` where it is unknown or has expired. */
  check(request: ApiRequest): KeyOwner {
    const key = accessKeyOf(request);
    if (key === undefined) {
      throw badRequest("MissingAuthenticationTokenException", "Missing Authentication Token");
    }
    const issued = this.#issued.get(key);
    if (issued === undefined) {
      throw badRequest(
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
      );
    }
    if (issued.expiresAt <= Date.now()) {
      throw badRequest("ExpiredTokenException", "The security token included in the request is expired");
    }
    return issued.owner;
  }
}

/** The access key id in a request's SigV4 header. */
export function accessKeyOf(request: ApiRequest): string | undefined {
  return /Credential=([^/]+)\//.exec(request.headers["authorization"] ?? "")?.[1];
}

/** The region that a request is signed for. */
export function regionOf(request: ApiRequest): string | undefined {
  return /Credential=[^/]+\/\d+\/([^/]+)\//.exec(request.headers["authorization"] ?? "")?.[1];
}
