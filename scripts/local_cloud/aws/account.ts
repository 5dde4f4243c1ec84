import type { Role } from "./sts.ts";

/** What an account has besides builds. Stacks make it, and the services see it. */
export class Account {
  readonly id: string;
  readonly region: string;
  /** Roles that steps may assume, in the local cloud's STS. */
  readonly roles: Role[];
  /** ARNs of identity providers. */
  readonly providers: string[] = [];
  /** Names of secrets. */
  readonly secrets = new Set<string>();
  /** Their values, by `NAME:KEY`, as CodeBuild refers to them. */
  readonly secretValues: Record<string, string>;

  constructor(
    { accountId, region }: { readonly accountId: string; readonly region: string },
    roles: readonly Role[],
    secretValues: Readonly<Record<string, string>> = {},
  ) {
    this.id = accountId;
    this.region = region;
    this.roles = [...roles];
    this.secretValues = { ...secretValues };
  }

  /** Names and ARNs of all secrets, also of those that are only known by a value, as in `NAME:KEY`. */
  get secretNames(): string[] {
    const named = Object.keys(this.secretValues)
      .map((reference) => reference.split(":").slice(0, reference.startsWith("arn:") ? 7 : 1).join(":"));
    return [...this.secrets, ...named];
  }
}
