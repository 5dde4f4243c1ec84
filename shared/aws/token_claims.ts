import { shortened } from "../output/plain_text.ts";

/** What an OIDC token says about who it is for; none of it is a secret. */
export interface TokenClaims {
  /** Who has issued it. */
  readonly iss: string | undefined;
  /** For whom, several with commas between them. */
  readonly aud: string | undefined;
  /** About whom. */
  readonly sub: string | undefined;
  /** Until when it is good, in milliseconds since 1970. */
  readonly expiresMs: number | undefined;
}

/** Longer tokens than STS takes say nothing. Source: STS's limit of `WebIdentityToken`. */
const LONGEST_TOKEN = 20_000;

/** Reads a token's claims without checking its signature; undefined for what is no JWT (RFC 7519). */
export function tokenClaims(token: string): TokenClaims | undefined {
  const payload = token.length > LONGEST_TOKEN ? undefined : token.split(".")[1];
  if (payload === undefined) return undefined;
  try {
    const bytes = Uint8Array.fromBase64(payload, { alphabet: "base64url" });
    const claims = JSON.parse(new TextDecoder().decode(bytes));
    const expires = claims?.exp;
    return {
      iss: textOf(claims?.iss),
      aud: textOf(claims?.aud),
      sub: textOf(claims?.sub),
      expiresMs: typeof expires === "number" ? expires * 1000 : undefined,
    };
  } catch {
    return undefined;
  }
}

function textOf(claim: unknown): string | undefined {
  const text = Array.isArray(claim) ? claim.join(", ") : claim;
  return typeof text === "string" && text !== "" ? shortened(text) : undefined;
}
