import type { Account } from "./aws/account.ts";
import type { StackResource } from "./aws/stack_template.ts";
import type { Maker } from "./aws/stacks.ts";
import type { CodeBuild } from "./codebuild/codebuild.ts";
import type { EnvironmentVariable } from "./codebuild/codebuild_project.ts";

/** How the resources of a stack come to be part of the local cloud: roles can be assumed, projects built. */
export function stackMaker(account: Account, codeBuild: CodeBuild): Maker {
  const makers: Readonly<Record<string, Maker>> = {
    "AWS::IAM::OIDCProvider": (resource) => makeProvider(account, resource),
    "AWS::IAM::Role": (resource) => makeRole(account, resource),
    "AWS::SecretsManager::Secret": ({ properties }) => {
      const name = String(properties["Name"]);
      if (account.secrets.has(name)) {
        throw new Error(`The operation failed because the secret ${name} already exists.`);
      }
      account.secrets.add(name);
      return () => account.secrets.delete(name);
    },
    "AWS::CodeBuild::Project": (resource) => makeProject(codeBuild, resource),
  };
  return (resource) => makers[resource.type]?.(resource) ?? (() => {});
}

function makeProvider({ id, providers }: Account, { properties }: StackResource): () => void {
  const arn = `arn:aws:iam::${id}:oidc-provider/${String(properties["Url"]).replace("https://", "")}`;
  if (providers.includes(arn)) throw new Error(`Provider with url ${properties["Url"]} already exists.`);
  providers.push(arn);
  return () => providers.splice(providers.indexOf(arn), 1);
}

function makeRole({ id, roles }: Account, { properties }: StackResource): () => void {
  const arn = `arn:aws:iam::${id}:role/${properties["RoleName"]}`;
  if (roles.some((role) => role.arn === arn)) throw new Error(`${properties["RoleName"]} already exists`);
  const role = { arn, maxSessionS: Number(properties["MaxSessionDuration"] ?? 3600) };
  roles.push(role);
  return () => roles.splice(roles.indexOf(role), 1);
}

function makeProject({ projects }: CodeBuild, { properties }: StackResource): () => void {
  const { Name, Source, Environment, TimeoutInMinutes, QueuedTimeoutInMinutes } =
    properties as unknown as Properties;
  if (projects.has(Name)) throw new Error(`Project already exists: ${Name}`);
  projects.set(Name, {
    name: Name,
    buildspec: Source.BuildSpec,
    timeoutInMinutes: TimeoutInMinutes,
    queuedTimeoutInMinutes: QueuedTimeoutInMinutes,
    image: Environment.Image,
    environmentVariables: (Environment.EnvironmentVariables ?? []).map(
      (variable): EnvironmentVariable => ({
        name: variable.Name,
        value: variable.Value,
        type: variable.Type,
      }),
    ),
  });
  return () => projects.delete(Name);
}

interface Properties {
  readonly Name: string;
  readonly Source: { readonly BuildSpec: string };
  readonly Environment: {
    readonly Image: string;
    readonly EnvironmentVariables?: readonly {
      readonly Name: string;
      readonly Value: string;
      readonly Type: NonNullable<EnvironmentVariable["type"]>;
    }[];
  };
  readonly TimeoutInMinutes: number;
  readonly QueuedTimeoutInMinutes: number;
}
