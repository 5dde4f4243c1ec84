import { ownerOfVariable } from "../../shared/settings/forwarded_variables.ts";
import { isGuarded } from "../../shared/settings/guarded_variables.ts";
import type { Setup } from "./setup.ts";
import { startRoleTrust } from "./start_role_trust.ts";

/** What a role's trust policy may hold unless the quota is raised, blanks not counted. Source: IAM quotas. */
const LONGEST_TRUST = 2048;

/** Why documents made of these values would allow more than they seem to, or be refused by AWS; empty when they are fine. */
export function setupProblems(setup: Setup): string[] {
  return [
    ...Object.entries(namesIn(setup)).flatMap(([what, name]) => nameProblem(what, name)),
    ...setup.ownVariables.flatMap(variableProblem),
    ...repositoryProblems(setup),
  ];
}

function namesIn(setup: Setup): Record<string, string> {
  const { account, region, project, startRole, serviceRole, secret, workspace, workspaceUuid } = setup;
  const uuids = setup.repositories.flatMap(({ uuid, environment }, index) => [
    [`the UUID of repository ${index + 1}`, uuid],
    ...(environment === undefined ? [] : [[`the environment of repository ${index + 1}`, environment]]),
  ]);
  return {
    "the account": account,
    "the region": region,
    "the project": project,
    "start-runner's role": startRole,
    "the builds' role": serviceRole,
    "the secret": secret,
    "the workspace": workspace,
    "the workspace's UUID": workspaceUuid,
    ...(setup.fleet === undefined ? {} : { "the fleet": setup.fleet }),
    ...Object.fromEntries(uuids),
  };
}

/** Characters that are something else in a policy: wildcards, variables, and what parts an ARN. */
function nameProblem(what: string, name: string): string[] {
  if (/^\{[\w-]+\}$|^[\w+=,.@/-]+$/.test(name)) return [];
  return [
    `Cannot use ${
      JSON.stringify(name)
    } for ${what}: it takes letters, digits and -_.,+=@/, a UUID braces too`,
  ];
}

function variableProblem(name: string): string[] {
  const owner = isGuarded(name) ? "the project alone" : ownerOfVariable(name);
  if (owner !== undefined) return [`Cannot let pipelines set ${name}: it belongs to ${owner}`];
  return /^[A-Za-z_]\w*$/.test(name) ? [] : [
    `Cannot let pipelines set ${JSON.stringify(name)}: a variable's name has letters, digits and underscores`,
  ];
}

function repositoryProblems(setup: Setup): string[] {
  if (setup.repositories.length === 0) return ["Missing repositories: nobody could start a runner"];
  const length = JSON.stringify(startRoleTrust(setup)).length;
  return length <= LONGEST_TRUST ? [] : [
    `Cannot trust ${setup.repositories.length} repositories in one role: its trust policy has ${length} characters, ` +
    `IAM takes ${LONGEST_TRUST}; share them out among roles, or raise the quota «Role trust policy length»`,
  ];
}
