import { valueOr } from "../program/value_or.ts";
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

const FIELDS = ["uuid", "clientId", "clientSecret", "type", "arch"] as const;

/** The identity as one variable of a build. */
export function writeIdentity(identity: RunnerIdentity): string {
  return JSON.stringify(Object.fromEntries(FIELDS.map((field) => [field, identity[field]])));
}

/** Reads what `writeIdentity()` wrote. Throws `InvalidValue`. */
export function parseIdentity(text: string): RunnerIdentity {
  const given: Record<string, unknown> = valueOr({}, () => Object(JSON.parse(text)));
  const complete = FIELDS.every((field) => typeof given[field] === "string" && given[field] !== "");
  if (complete && RUNNER_TYPES.some((type) => type === given["type"])) {
    return given as unknown as RunnerIdentity;
  }
  throw new InvalidValue(`a runner's identity as start-runner writes it, with ${FIELDS.join(", ")}`);
}
