import { ENVIRONMENT_TYPES } from "../options/build_image.ts";
import { FLEET_COMPUTE_TYPES } from "../options/option_values.ts";
import { allowedVariables } from "./allowed_variables.ts";
import { UNUSED_OVERRIDES } from "./build_overrides.ts";
import type { Condition } from "./policy_document.ts";
import { fleetArn, hasFleet, inBraces, secretArn, type Setup } from "./setup.ts";

/** Values a key may have, if it is in the request at all; null where it must not be. */
type Values = readonly string[] | null;

const FLEET = "environment.fleet.fleetArn";
const VARIABLES = "environment.environmentVariables";

/** The conditions on StartBuild that what start-runner sends passes, and any other override that has a key does not. */
export function startConditions(setup: Setup): Condition {
  const equal = overrideValues(setup);
  const like = patterns(setup);
  const privileged = setup.runnerTypes.includes("docker") ? ["true"] : null;
  const fleet = hasFleet(setup) ? [fleetArn(setup)] : null;
  const absent = [
    ...Object.values(UNUSED_OVERRIDES).flat(),
    ...strictlyAbsent(setup),
    ...absentKeys({ ...equal, ...like, "environment.privilegedMode": privileged, [FLEET]: fleet }),
  ];
  return {
    Null: keyed(absent.map((key) => [key, "true"])),
    // True where a variable is not sent, which does no harm: then nothing is overridden.
    "ForAllValues:StringEquals": keyed([
      [`${VARIABLES}.name`, allowedVariables(setup)],
      ...variableValues(setup),
    ]),
    ...withEntries("ForAllValues:StringNotLike", secretReferences(setup)),
    ...withEntries("StringEqualsIfExists", present(equal)),
    ...withEntries("StringLikeIfExists", present(like)),
    ...withEntries("ArnLikeIfExists", present({ [FLEET]: fleet })),
    ...withEntries("BoolIfExists", present({ "environment.privilegedMode": privileged })),
    NumericEqualsIfExists: keyed([["autoRetryLimit", "0"]]),
  };
}

function overrideValues({ customBuildspec }: Setup): Record<string, Values> {
  const noImage = customBuildspec?.images.length === 0;
  return {
    "environment.type": noImage ? null : ENVIRONMENT_TYPES,
    "environment.imagePullCredentialsType": noImage ? null : ["CODEBUILD", "SERVICE_ROLE"],
  };
}

/**
 * A role that several repositories share must not register runners in any other. For all values, though one is the
 * rule: nobody knows which counts of a name that is given twice.
 */
function variableValues(setup: Setup): [string, readonly string[]][] {
  const { workspaceUuid, repositories, runnerTypes, releaseUrl } = setup;
  return [
    [`${VARIABLES}/WORKSPACE_UUID.value`, [inBraces(workspaceUuid)]],
    [`${VARIABLES}/REPO_UUID.value`, repositories.map(({ uuid }) => inBraces(uuid))],
    [`${VARIABLES}/RUNNER_TYPE.value`, runnerTypes],
    ...(releaseUrl === undefined
      ? []
      : [[`${VARIABLES}/RUNNER_RELEASE_URL.value`, [releaseUrl]] as [string, string[]]]),
  ];
}

function patterns({ customBuildspec, fleet }: Setup): Record<string, Values> {
  if (customBuildspec === undefined) {
    return {
      "environment.computeType": ["BUILD_GENERAL1_*", ...(fleet === undefined ? [] : FLEET_COMPUTE_TYPES)],
    };
  }
  const { images, computeTypes } = customBuildspec;
  return {
    "environment.computeType": computeTypes.length === 0 ? null : computeTypes,
    "environment.image": images.length === 0 ? null : images,
  };
}

/** `codebuild:source` is left out of the other set: a buildspec is part of a source, and has to pass there. */
function strictlyAbsent({ customBuildspec }: Setup): string[] {
  return customBuildspec === undefined ? [] : ["source", "source.buildspec"];
}

/**
 * No key shows a variable's type: in mode `project` a pipeline could have CodeBuild put the credential into a variable
 * that it may set. The value would then be one of these. Source: buildspec reference, forms of a secret's id.
 */
function secretReferences(setup: Setup): [string, readonly string[]][] {
  if (setup.credentials !== "project") return [];
  const { secret } = setup;
  const arn = secretArn(setup).replace(/-\?+$/, "");
  return [[`${VARIABLES}.value`, [secret, `${secret}:*`, `${arn}*`]]];
}

function absentKeys(values: Record<string, Values>): string[] {
  return Object.keys(values).filter((key) => values[key] === null);
}

function present(values: Record<string, Values>): [string, readonly string[]][] {
  return Object.entries(values).filter((entry): entry is [string, readonly string[]] => entry[1] !== null);
}

function withEntries(operator: string, entries: [string, readonly string[]][]): Condition {
  return entries.length === 0 ? {} : { [operator]: keyed(entries) };
}

function keyed<V>(entries: readonly (readonly [string, V])[]): Record<string, V> {
  return Object.fromEntries(entries.map(([key, value]) => [`codebuild:${key}`, value]));
}
