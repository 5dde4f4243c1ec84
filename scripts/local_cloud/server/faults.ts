/** Everything that can go wrong with a call, in the order of the documentation. */
export const FAULT_KINDS = [
  "429",
  "429 with Retry-After",
  "500",
  "502",
  "503",
  "reset before",
  "reset after",
  "hang",
  "hang after",
  "html",
  "truncated",
  "missing fields",
  "expired token",
  "throttling",
  "clock skew",
  "conflict",
  "forbidden",
] as const;
export type FaultKind = typeof FAULT_KINDS[number];

/** The calls of the platforms that start-runner and codebuild-agent make. */
export const CALL_NAMES = [
  "AssumeRoleWithWebIdentity",
  "StartBuild",
  "BatchGetBuilds",
  "StopBuild",
  "GetLogEvents",
  "Encrypt",
  "Decrypt",
  "OAuthToken",
  "ListRunners",
  "CreateRunner",
  "GetRunner",
  "UpdateRunner",
  "UpdateRunnerState",
  "DeleteRunner",
  "GetPipeline",
  "ListPipelines",
  "ListSteps",
] as const;

/** The calls that set an account up. */
export const SETUP_CALL_NAMES = [
  "GetCallerIdentity",
  "ListOpenIDConnectProviders",
  "DescribeStacks",
  "DescribeStackEvents",
  "DescribeStackResources",
  "CreateStack",
  "UpdateStack",
  "PutSecretValue",
] as const;

/** Calls that `start-runner doctor` makes, and a flow only where it is asked for what they tell. */
export const DOCTOR_CALL_NAMES = [
  "BatchGetProjects",
  "ListBuildsForProject",
  "BatchGetFleets",
  "GetServiceQuota",
  "DescribeSecret",
] as const;

type CallName =
  | typeof CALL_NAMES[number]
  | typeof SETUP_CALL_NAMES[number]
  | typeof DOCTOR_CALL_NAMES[number];

/** A fault to come: which call it strikes, from when on, and how often. */
export interface FaultOrder<Name extends string = CallName> {
  /** The call's name, or `*` for any. */
  readonly call: Name | "*";
  readonly kind: FaultKind;
  /** How many calls go well first (default 0). */
  readonly after?: number;
  /** How many calls it strikes then (default 1); `Infinity` lasts until `clear()`. */
  readonly times?: number;
  /** Seconds for «429 with Retry-After» (default 1). */
  readonly retryAfterS?: number;
  /** Minutes by which the clocks differ for «clock skew» (default 10). */
  readonly minutes?: number;
  /** Strikes only calls that come with this credential. */
  readonly credential?: string;
}

interface PendingFault<Name extends string> {
  readonly order: FaultOrder<Name>;
  seen: number;
}

/** The faults that are to strike. */
export class Faults<Name extends string = CallName> {
  /** Those that have struck so far. */
  readonly struck: { readonly call: string; readonly kind: FaultKind }[] = [];
  #pending: PendingFault<Name>[] = [];

  inject(order: FaultOrder<Name>): void {
    this.#pending.push({ order, seen: 0 });
  }

  clear(): void {
    this.#pending = [];
  }

  /** The fault that strikes this call, if one does. Counts the call for all that are pending. */
  take(call: { readonly name: string; readonly credential: string }): FaultOrder<Name> | undefined {
    let striking: FaultOrder<Name> | undefined;
    for (const pending of this.#pending) {
      const { call: name, credential } = pending.order;
      if (name !== "*" && name !== call.name) continue;
      if (credential !== undefined && credential !== call.credential) continue;
      const position = pending.seen++ - (pending.order.after ?? 0);
      if (position >= 0 && position < (pending.order.times ?? 1)) striking ??= pending.order;
    }
    if (striking !== undefined) this.struck.push({ call: call.name, kind: striking.kind });
    return striking;
  }
}
