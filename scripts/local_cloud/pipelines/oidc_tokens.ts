/** Which step a token speaks for; UUIDs in braces. */
export interface OidcSubject {
  readonly workspaceSlug: string;
  readonly workspaceUuid: string;
  readonly repositoryUuid: string;
  readonly pipelineUuid: string;
  readonly stepUuid: string;
  /** Undefined for a tag's step. */
  readonly branch: string | undefined;
  /** Of the environment that the step deploys to. */
  readonly environmentUuid: string | undefined;
}

/** What a role's trust policy looks at, and until when it holds, in seconds since 1970. */
export interface OidcClaims {
  readonly iss: string;
  readonly aud: string;
  readonly sub: string;
  readonly exp: number;
}

/**
 * Issues the OIDC tokens of Bitbucket's steps, and tells STS which ones are genuine. They have the claims of real ones; their
 * signature is made up, since both ends are in this process.
 */
export class OidcTokens {
  readonly #claims = new Map<string, OidcClaims>();
  readonly #lifetimeS: number;

  constructor(lifetimeS: number) {
    this.#lifetimeS = lifetimeS;
  }

  issue(subject: OidcSubject): string {
    const now = Math.floor(Date.now() / 1000);
    const expires = now + this.#lifetimeS;
    const bare = subject.workspaceUuid.replace(/[{}]/g, "");
    const claims = {
      iss: `https://api.bitbucket.org/2.0/workspaces/${subject.workspaceSlug}/pipelines-config/identity/oidc`,
      aud: `ari:cloud:bitbucket::workspace/${bare}`,
      sub: [subject.repositoryUuid, subject.environmentUuid, subject.stepUuid]
        .filter((part) => part !== undefined).join(":"),
      iat: now,
      exp: expires,
      workspaceUuid: subject.workspaceUuid,
      repositoryUuid: subject.repositoryUuid,
      pipelineUuid: subject.pipelineUuid,
      stepUuid: subject.stepUuid,
      branchName: subject.branch,
      deploymentEnvironmentUuid: subject.environmentUuid,
    };
    const header = { typ: "JWT", alg: "RS256", kid: "local-cloud" };
    const token = `${encoded(header)}.${encoded(claims)}.${crypto.randomUUID().replaceAll("-", "")}`;
    this.#claims.set(token, claims);
    return token;
  }

  /** Whether a token was issued here, and is still good. */
  check(token: string): "good" | "expired" | "unknown" {
    const claims = this.#claims.get(token);
    if (claims === undefined) return "unknown";
    return claims.exp * 1000 > Date.now() ? "good" : "expired";
  }

  /** What a token that was issued here says. */
  claims(token: string): OidcClaims | undefined {
    return this.#claims.get(token);
  }
}

function encoded(value: unknown): string {
  return btoa(JSON.stringify(value)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
