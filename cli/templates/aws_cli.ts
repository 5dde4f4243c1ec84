import { shellWord } from "../../shared/output/shell_word.ts";
import { serviceRolePermissions } from "../setup/service_role_permissions.ts";
import { serviceRoleTrust } from "../setup/service_role_trust.ts";
import { accountArn, logGroup } from "../setup/setup.ts";
import { startRolePermissions } from "../setup/start_role_permissions.ts";
import { audience, identityProvider, startRoleTrust } from "../setup/start_role_trust.ts";
import { dashboardBody } from "./dashboard.ts";
import {
  DESCRIPTION,
  hasSecret,
  IDLE_BUILDSPEC,
  type Installation,
  isPrivileged,
  secretReferences,
} from "./installation.ts";
import { prettyJson } from "./pretty_json.ts";

/** Everything as commands of the AWS CLI, for `sh`. They hold no secret: the secret's value is set afterwards. */
export function awsCli(installation: Installation): string {
  return [
    BEGINNING,
    `AWS_REGION=${shellWord(installation.region)}`,
    "AWS_DEFAULT_REGION=$AWS_REGION",
    "export AWS_REGION AWS_DEFAULT_REGION",
    FOLDER,
    ...(installation.providerExists ? [] : [provider(installation)]),
    ...startRole(installation),
    ...buildRole(installation),
    buildLog(installation),
    ...(hasSecret(installation) ? [credential(installation)] : []),
    ...project(installation),
    ...(installation.dashboard ? dashboard(installation) : []),
    "",
  ].join("\n");
}

const BEGINNING = `#!/bin/sh
# ${DESCRIPTION}: makes everything once, and stops at what is there already.
set -eu
`;

const FOLDER = `
documents=$(mktemp -d)
trap 'rm -rf "$documents"' EXIT
`;

function provider(installation: Installation): string {
  return command("iam create-open-id-connect-provider", [
    ["url", shellWord(`https://${identityProvider(installation)}`)],
    ["client-id-list", shellWord(audience(installation))],
  ]);
}

function startRole(installation: Installation): string[] {
  const { startRole, sessionS } = installation;
  return [
    document("trust.json", startRoleTrust(installation)),
    document("permissions.json", startRolePermissions(installation)),
    command("iam create-role", [
      ["role-name", shellWord(startRole)],
      ["max-session-duration", String(sessionS)],
      ["assume-role-policy-document", file("trust.json")],
    ]),
    putPolicy(startRole, "start-runner", "permissions.json"),
  ];
}

function buildRole(installation: Installation): string[] {
  const { serviceRole } = installation;
  return [
    document("service-trust.json", serviceRoleTrust(installation)),
    document("service-permissions.json", serviceRolePermissions(installation)),
    command("iam create-role", [
      ["role-name", shellWord(serviceRole)],
      ["assume-role-policy-document", file("service-trust.json")],
    ]),
    putPolicy(serviceRole, "build", "service-permissions.json"),
  ];
}

function putPolicy(role: string, name: string, path: string): string {
  return command("iam put-role-policy", [
    ["role-name", shellWord(role)],
    ["policy-name", name],
    ["policy-document", file(path)],
  ]);
}

function buildLog(installation: Installation): string {
  const group: [string, string] = ["log-group-name", shellWord(logGroup(installation))];
  return [
    command("logs create-log-group", [group]),
    command("logs put-retention-policy", [group, ["retention-in-days", String(installation.retentionDays)]]),
  ].join("\n");
}

function credential({ secret }: Installation): string {
  return command("secretsmanager create-secret", [
    ["name", shellWord(secret)],
    ["description", "'What may manage Bitbucket'\\''s runners; set its value by hand'"],
  ]);
}

/** IAM takes some seconds until every part of AWS knows a new role. */
function project(installation: Installation): string[] {
  return [
    document("project.json", projectInput(installation)),
    `tries=0
until aws codebuild create-project --cli-input-json ${file("project.json")} 2>"$documents/refusal"; do
  cat "$documents/refusal" >&2
  grep -q 'not authorized to perform: sts:AssumeRole' "$documents/refusal" || exit 1
  tries=$((tries + 1))
  if [ "$tries" -ge 20 ]; then exit 1; fi
  sleep 3
done`,
  ];
}

/** What CodeBuild's CreateProject takes. */
export function projectInput(installation: Installation): object {
  const { image, environmentType, computeType, serviceRole } = installation;
  const variables = secretReferences(installation);
  return {
    name: installation.project,
    description: DESCRIPTION,
    source: { type: "NO_SOURCE", buildspec: IDLE_BUILDSPEC },
    artifacts: { type: "NO_ARTIFACTS" },
    environment: {
      type: environmentType,
      image,
      computeType,
      privilegedMode: isPrivileged(installation),
      ...(variables.length === 0 ? {} : {
        environmentVariables: variables.map(([name, value]) => ({ name, type: "SECRETS_MANAGER", value })),
      }),
    },
    serviceRole: accountArn(installation, `role/${serviceRole}`),
    logsConfig: { cloudWatchLogs: { status: "ENABLED", groupName: logGroup(installation) } },
    timeoutInMinutes: installation.timeoutMinutes,
    queuedTimeoutInMinutes: installation.queuedTimeoutMinutes,
    autoRetryLimit: 0,
  };
}

function dashboard(installation: Installation): string[] {
  return [
    document("dashboard.json", dashboardBody(installation)),
    command("cloudwatch put-dashboard", [
      ["dashboard-name", shellWord(installation.project)],
      ["dashboard-body", file("dashboard.json")],
    ]),
  ];
}

function document(name: string, value: object): string {
  return `cat >"$documents/${name}" <<'END'\n${prettyJson(value)}\nEND`;
}

function file(name: string): string {
  return `"file://$documents/${name}"`;
}

function command(name: string, flags: readonly (readonly [string, string])[]): string {
  return [`aws ${name}`, ...flags.map(([flag, value]) => `--${flag} ${value}`)].join(" \\\n  ");
}
