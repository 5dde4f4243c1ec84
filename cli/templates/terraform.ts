import type { PolicyDocument } from "../setup/policy_document.ts";
import { serviceRolePermissions } from "../setup/service_role_permissions.ts";
import { serviceRoleTrust } from "../setup/service_role_trust.ts";
import { logGroup } from "../setup/setup.ts";
import { startRolePermissions } from "../setup/start_role_permissions.ts";
import { audience, identityProvider, startRoleTrust } from "../setup/start_role_trust.ts";
import { dashboardBody } from "./dashboard.ts";
import { type Block, Expression, hclText, jsonEncoded } from "./hcl_text.ts";
import {
  DESCRIPTION,
  hasSecret,
  IDLE_BUILDSPEC,
  type Installation,
  isPrivileged,
  secretReferences,
} from "./installation.ts";

/** Everything as a root module of Terraform, or OpenTofu. It holds no secret: the secret's value is set afterwards. */
export function terraform(installation: Installation): string {
  return hclText([
    { head: "terraform", body: {}, blocks: [PROVIDERS] },
    { head: 'provider "aws"', body: { region: installation.region } },
    ...(installation.providerExists ? [] : [provider(installation)]),
    ...role("start", {
      name: installation.startRole,
      description: "For start-runner in pipelines",
      max_session_duration: installation.sessionS,
      assume_role_policy: jsonEncoded(startRoleTrust(installation)),
    }, { name: "start-runner", document: startRolePermissions(installation) }),
    ...role("build", {
      name: installation.serviceRole,
      description: "What builds may do, and every step on a shell runner with them",
      assume_role_policy: jsonEncoded(serviceRoleTrust(installation)),
    }, { name: "build", document: serviceRolePermissions(installation) }),
    resource("aws_cloudwatch_log_group", "build", {
      name: logGroup(installation),
      retention_in_days: installation.retentionDays,
    }),
    ...(hasSecret(installation) ? [credential(installation)] : []),
    project(installation),
    ...(installation.dashboard ? [dashboard(installation)] : []),
    { head: 'output "start_role_arn"', body: { value: new Expression("aws_iam_role.start.arn") } },
  ]);
}

/** `auto_retry_limit` came with 5.90. Source: the provider's changelog. */
const PROVIDERS: Block = {
  head: "required_providers",
  body: { aws: { source: "hashicorp/aws", version: ">= 5.90" } },
};

function resource(type: string, name: string, body: Block["body"], blocks: readonly Block[] = []): Block {
  return { head: `resource "${type}" "${name}"`, body, blocks };
}

/** Other configurations may trust it too: take it out of the state before this one is destroyed. */
function provider(installation: Installation): Block {
  return resource("aws_iam_openid_connect_provider", "bitbucket", {
    url: `https://${identityProvider(installation)}`,
    client_id_list: [audience(installation)],
  });
}

function role(
  name: string,
  body: Block["body"],
  policy: { readonly name: string; readonly document: PolicyDocument },
): Block[] {
  return [
    resource("aws_iam_role", name, body),
    resource("aws_iam_role_policy", name, {
      name: policy.name,
      role: new Expression(`aws_iam_role.${name}.id`),
      policy: jsonEncoded(policy.document),
    }),
  ];
}

function credential({ secret }: Installation): Block {
  return resource("aws_secretsmanager_secret", "bitbucket", {
    name: secret,
    description: "What may manage Bitbucket's runners; set its value by hand",
  });
}

function project(installation: Installation): Block {
  const { image, environmentType, computeType } = installation;
  const variables = secretReferences(installation).map(([name, value]) => ({
    head: "environment_variable",
    body: { name, type: "SECRETS_MANAGER", value },
  }));
  const body = {
    name: installation.project,
    description: DESCRIPTION,
    service_role: new Expression("aws_iam_role.build.arn"),
    build_timeout: installation.timeoutMinutes,
    queued_timeout: installation.queuedTimeoutMinutes,
    auto_retry_limit: 0,
    depends_on: [new Expression("aws_iam_role_policy.build")],
  };
  return resource("aws_codebuild_project", "runner", body, [
    { head: "source", body: { type: "NO_SOURCE", buildspec: IDLE_BUILDSPEC } },
    { head: "artifacts", body: { type: "NO_ARTIFACTS" } },
    {
      head: "environment",
      body: {
        type: environmentType,
        image,
        compute_type: computeType,
        privileged_mode: isPrivileged(installation),
      },
      blocks: variables,
    },
    { head: "logs_config", body: {}, blocks: [LOGS] },
  ]);
}

const LOGS: Block = {
  head: "cloudwatch_logs",
  body: { status: "ENABLED", group_name: new Expression("aws_cloudwatch_log_group.build.name") },
};

function dashboard(installation: Installation): Block {
  return resource("aws_cloudwatch_dashboard", "runner", {
    dashboard_name: installation.project,
    dashboard_body: jsonEncoded(dashboardBody(installation)),
  });
}
