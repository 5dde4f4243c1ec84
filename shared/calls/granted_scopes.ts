/** What Bitbucket itself says the credentials in use may do: a token's answer, or a header of any other. */
export class GrantedScopes {
  #told: readonly string[] | undefined;

  /** The scopes as Bitbucket last named them; undefined where it has named none. */
  get told(): readonly string[] | undefined {
    return this.#told;
  }

  /** Takes note of a list, with spaces or commas between its words. */
  note(text: string | null | undefined): void {
    const scopes = text?.split(/[\s,]+/).filter((word) => word !== "") ?? [];
    if (scopes.length > 0) this.#told = scopes;
  }
}

/**
 * Whether a scope such as `pipeline` or `runner:write` is among those granted. Of OAuth's scopes the wider ones hold the narrower;
 * API tokens have words of their own, of which writing takes both. Source: Bitbucket's documentation of both.
 */
export function isGranted(scope: string, granted: readonly string[]): boolean {
  const [subject, access] = scope.split(":");
  if (granted.includes(scope) || granted.includes(`${subject}:write`)) return true;
  if (access === undefined && granted.some((one) => one.startsWith(`${subject}:`))) return true;
  const needed = access === undefined ? ["read"] : ["read", access];
  return needed.every((one) => granted.includes(`${one}:${subject}:bitbucket`));
}
