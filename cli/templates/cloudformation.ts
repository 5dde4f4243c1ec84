import type { PolicyDocument } from "../setup/policy_document.ts";
import { serviceRolePermissions } from "../setup/service_role_permissions.ts";
import { serviceRoleTrust } from "../setup/service_role_trust.ts";
import { logGroup } from "../setup/setup.ts";
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

/** A resource of a template, in CloudFormation's own words. */
export interface Resource {
  readonly Type: string;
  readonly Condition?: string;
  readonly DependsOn?: string | readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

/** A template of CloudFormation. */
export interface Template {
  readonly AWSTemplateFormatVersion: "2010-09-09";
  readonly Description: string;
  readonly Parameters?: object;
  readonly Conditions?: object;
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, object>>;
}

/** The logical name of the identity provider, which a stack keeps once it has made it. */
export const PROVIDER = "IdentityProvider";

/** Everything as one stack. It needs CAPABILITY_NAMED_IAM, and holds no secret: the secret's value is set afterwards. */
export function cloudFormation(installation: Installation): Template {
  return {
    AWSTemplateFormatVersion: "2010-09-09",
    Description: DESCRIPTION,
    Resources: {
      ...(installation.providerExists ? {} : { [PROVIDER]: provider(installation) }),
      StartRole: startRole(installation),
      StartPolicy: policy("StartRole", "start-runner", startRolePermissions(installation)),
      BuildRole: buildRole(installation),
      BuildPolicy: policy("BuildRole", "build", serviceRolePermissions(installation)),
      BuildLog: buildLog(installation),
      ...(hasSecret(installation) ? { Credential: credential(installation) } : {}),
      Project: project(installation),
      ...(installation.dashboard ? { Dashboard: dashboard(installation) } : {}),
    },
    Outputs: {
      CodeBuildProject: { Value: { Ref: "Project" } },
      StartRoleArn: { Value: { "Fn::GetAtt": ["StartRole", "Arn"] } },
    },
  };
}

/** Other stacks of the account may trust it too, so it outlives this one. */
function provider(installation: Installation): Resource {
  return {
    Type: "AWS::IAM::OIDCProvider",
    DeletionPolicy: "RetainExceptOnCreate",
    UpdateReplacePolicy: "Retain",
    Properties: {
      Url: `https://${identityProvider(installation)}`,
      ClientIdList: [audience(installation)],
    },
  };
}

function startRole(installation: Installation): Resource {
  const { startRole, sessionS, providerExists } = installation;
  return {
    Type: "AWS::IAM::Role",
    ...(providerExists ? {} : { DependsOn: PROVIDER }),
    Properties: {
      RoleName: startRole,
      Description: "For start-runner in pipelines",
      MaxSessionDuration: sessionS,
      AssumeRolePolicyDocument: startRoleTrust(installation),
    },
  };
}

function buildRole(installation: Installation): Resource {
  return {
    Type: "AWS::IAM::Role",
    Properties: {
      RoleName: installation.serviceRole,
      Description: "What builds may do, and every step on a shell runner with them",
      AssumeRolePolicyDocument: serviceRoleTrust(installation),
    },
  };
}

function policy(role: string, PolicyName: string, PolicyDocument: PolicyDocument): Resource {
  return { Type: "AWS::IAM::Policy", Properties: { PolicyName, PolicyDocument, Roles: [{ Ref: role }] } };
}

function buildLog(installation: Installation): Resource {
  return {
    Type: "AWS::Logs::LogGroup",
    Properties: { LogGroupName: logGroup(installation), RetentionInDays: installation.retentionDays },
  };
}

function credential({ secret }: Installation): Resource {
  return {
    Type: "AWS::SecretsManager::Secret",
    Properties: { Name: secret, Description: "What may manage Bitbucket's runners; set its value by hand" },
  };
}

function project(installation: Installation): Resource {
  const variables = secretReferences(installation);
  const { image, environmentType, computeType } = installation;
  return {
    Type: "AWS::CodeBuild::Project",
    DependsOn: "BuildPolicy",
    Properties: {
      Name: installation.project,
      Description: DESCRIPTION,
      ServiceRole: { "Fn::GetAtt": ["BuildRole", "Arn"] },
      Source: { Type: "NO_SOURCE", BuildSpec: IDLE_BUILDSPEC },
      Artifacts: { Type: "NO_ARTIFACTS" },
      Environment: {
        Type: environmentType,
        Image: image,
        ComputeType: computeType,
        PrivilegedMode: isPrivileged(installation),
        ...(variables.length === 0 ? {} : {
          EnvironmentVariables: variables.map(([Name, Value]) => ({ Name, Type: "SECRETS_MANAGER", Value })),
        }),
      },
      LogsConfig: { CloudWatchLogs: { Status: "ENABLED", GroupName: { Ref: "BuildLog" } } },
      TimeoutInMinutes: installation.timeoutMinutes,
      QueuedTimeoutInMinutes: installation.queuedTimeoutMinutes,
      AutoRetryLimit: 0,
    },
  };
}

function dashboard(installation: Installation): Resource {
  return {
    Type: "AWS::CloudWatch::Dashboard",
    Properties: {
      DashboardName: installation.project,
      DashboardBody: prettyJson(dashboardBody(installation)),
    },
  };
}
