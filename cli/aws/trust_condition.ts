/** What a role's trust policy demands of a token: for whom it is, and about whom. */
export interface TrustedClaims {
  readonly audience: string;
  /** With `*` for what is another each time. */
  readonly subjects: readonly string[];
}

/** The condition by which a role trusts tokens of a provider; that is the issuer without `https://`. */
export function trustCondition(provider: string, { audience, subjects }: TrustedClaims) {
  return {
    StringEquals: { [`${provider}:aud`]: audience },
    StringLike: { [`${provider}:sub`]: subjects },
  };
}
