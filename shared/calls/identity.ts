import type { BitbucketCredentials } from "../settings/bitbucket_settings.ts";

/** Who a call is made as. */
export interface Identity {
  readonly kind: BitbucketCredentials["kind"];
  /** The `Authorization` header to send now. */
  authorization(signal?: AbortSignal): Promise<string>;
  /** Told that Bitbucket did not accept a header, so that the next one differs where it can. */
  rejected(authorization: string): void;
  /** The token in use, where it can be handed on. */
  readonly held?: HeldToken | undefined;
}

/** An OAuth token that one phase of a build leaves for the next, so that each need not ask for its own. */
export interface HeldToken {
  readonly accessToken: string;
  /** From when on it is not used any more, in milliseconds since 1970; a clock that jumps costs one 401 at most. */
  readonly renewAtMs: number;
}
