import { imageMismatch, imageNeeds } from "../options/build_image.ts";
import { setupProblems } from "../setup/setup_problems.ts";
import { startRolePermissions } from "../setup/start_role_permissions.ts";
import type { Installation } from "./installation.ts";

/** How long CloudWatch keeps logs, in days; it takes no other number. Source: CloudWatch Logs, PutRetentionPolicy. */
export const RETENTION_DAYS: readonly number[] = [
  ...[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731],
  ...[1096, 1827, 2192, 2557, 2922, 3288, 3653],
];

/** What a role's own policies may hold together, blanks not counted. Source: IAM quotas. */
const LONGEST_POLICIES = 10_240;

/** Why AWS would refuse the installation, or make something else of it; empty when it is fine. */
export function installationProblems(installation: Installation): string[] {
  return [
    ...setupProblems(installation),
    ...accountProblems(installation),
    ...roleProblems(installation),
    ...imageProblems(installation),
    ...lengthProblems(installation),
  ];
}

function accountProblems({ account }: Installation): string[] {
  return /^\d{12}$/.test(account) ? [] : [`Cannot use «${account}» for the account: it has 12 digits`];
}

function roleProblems({ startRole, serviceRole }: Installation): string[] {
  return [
    ...[startRole, serviceRole].filter((name) => name.length > 64)
      .map((name) => `Cannot call a role «${name}»: IAM takes 64 characters`),
    ...(startRole === serviceRole
      ? [`Cannot call both roles «${startRole}»: builds would be allowed to start builds`]
      : []),
  ];
}

function imageProblems({ image, environmentType, runnerTypes }: Installation): string[] {
  const mismatch = imageMismatch(image, environmentType);
  return [
    ...(mismatch === undefined ? [] : [`Cannot use this image: ${mismatch}`]),
    ...(runnerTypes.length === 0 ? ["Missing runner types: shell, docker or both"] : []),
  ];
}

function lengthProblems(installation: Installation): string[] {
  const length = JSON.stringify(startRolePermissions(installation)).length;
  return length <= LONGEST_POLICIES ? [] : [
    `Cannot write the policy of ${installation.startRole}: it has ${length} characters, IAM takes ${LONGEST_POLICIES}; ` +
    "allow fewer repositories or variables",
  ];
}

/** The architecture of an image's machine, in the words of runners' labels. */
export function architectureOf({ image, environmentType }: Pick<Installation, "image" | "environmentType">) {
  return (imageNeeds(image).environmentType ?? environmentType).startsWith("ARM_") ? "arm64" : "x86_64";
}
