import { valueOr } from "../program/value_or.ts";
import { IDENTITY_VARIABLES } from "./forwarded_variables.ts";
import { RUNNER_TYPES, type RunnerType } from "./runner_type.ts";
import { InvalidValue } from "./settings.ts";

/**
 * A runner that start-runner has registered, as the build gets it: it can do nothing but serve steps of its repository. Type and
 * architecture are those its labels speak of.
 */
export interface RunnerIdentity {
  readonly uuid: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly type: RunnerType;
  readonly arch: string;
}

type IdentityVariable = typeof IDENTITY_VARIABLES[number];

/**
 * So many go into the first variable, the others into the second: a variable of a build has at most 4,096 characters, which
 * they stay below as long as id and secret of a runner have less than 200 together.
 */
const MOST_IN_ONE = 16;
/** Of one runner, in the order in which several are written. */
const OWN = ["uuid", "clientId", "clientSecret"] as const;
const FIELDS = [...OWN, "type", "arch"] as const;

/** The variables that carry so many identities. */
export function identityVariables(runners: number): IdentityVariable[] {
  return IDENTITY_VARIABLES.slice(0, Math.ceil(runners / MOST_IN_ONE));
}

/** The identities of a build's runners, all of one machine, as its variables. */
export function writeIdentities(
  identities: readonly RunnerIdentity[],
): { name: IdentityVariable; value: string }[] {
  return identityVariables(identities.length).map((name, index) => ({
    name,
    value: written(identities.slice(index * MOST_IN_ONE, (index + 1) * MOST_IN_ONE)),
  }));
}

/** Reads what `writeIdentities()` wrote into one variable. Throws `InvalidValue`. */
export function parseIdentities(text: string): RunnerIdentity[] {
  const { runners, ...given }: Record<string, unknown> = valueOr({}, () => Object(JSON.parse(text)));
  const all = runners === undefined ? [given] : several(runners, given);
  if (all.length > 0 && all.every(isIdentity)) return all;
  throw new InvalidValue(`identities of runners as start-runner writes them, with ${FIELDS.join(", ")}`);
}

/** One alone as earlier versions wrote it, and read it. */
function written(identities: readonly RunnerIdentity[]): string {
  const [first, ...others] = identities;
  if (first === undefined || others.length === 0) {
    return JSON.stringify(Object.fromEntries(FIELDS.map((field) => [field, first?.[field]])));
  }
  const runners = identities.map((one) => OWN.map((field) => one[field]));
  return JSON.stringify({ type: first.type, arch: first.arch, runners });
}

function several(runners: unknown, { type, arch }: Record<string, unknown>): Record<string, unknown>[] {
  if (!Array.isArray(runners)) return [];
  return runners.map((one) => ({
    ...Object.fromEntries(OWN.map((field, index) => [field, Object(one)[index]])),
    type,
    arch,
  }));
}

function isIdentity(given: Record<string, unknown>): given is Record<string, unknown> & RunnerIdentity {
  const complete = FIELDS.every((field) => typeof given[field] === "string" && given[field] !== "");
  return complete && RUNNER_TYPES.some((type) => type === given["type"]);
}
