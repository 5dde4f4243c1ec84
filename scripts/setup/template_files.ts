import { awsCli } from "../../cli/templates/aws_cli.ts";
import {
  cloudFormation,
  PROVIDER,
  type Resource,
  type Template,
} from "../../cli/templates/cloudformation.ts";
import { type Block, Expression, hclText } from "../../cli/templates/hcl_text.ts";
import { type Installation, USUAL } from "../../cli/templates/installation.ts";
import type { PolicyDocument } from "../../cli/setup/policy_document.ts";
import { prettyJson } from "../../cli/templates/pretty_json.ts";
import { terraform } from "../../cli/templates/terraform.ts";
import { yamlText } from "../../cli/templates/yaml_text.ts";
import { PAGE_SETUP } from "./page_documents.ts";

/** What whoever takes a template by hand fills in; the value is what stands in the README's documents. */
export interface Parameter {
  readonly description: string;
  readonly pattern: string;
  readonly fallback?: string;
  /** Where CloudFormation knows the value itself. */
  readonly pseudo?: string;
}

export const PARAMETERS: Readonly<Record<string, Parameter>> = {
  Account: { description: "AWS account, 12 digits", pattern: "^[0-9]{12}$", pseudo: "AWS::AccountId" },
  Region: { description: "AWS region", pattern: "^[a-z0-9-]+$", pseudo: "AWS::Region" },
  Workspace: { description: "Slug of the Bitbucket workspace", pattern: "^[A-Za-z0-9_-]+$" },
  WorkspaceUuid: { description: "UUID of the workspace, without braces", pattern: "^[0-9a-f-]{36}$" },
  RepositoryUuid: { description: "UUID of the repository, without braces", pattern: "^[0-9a-f-]{36}$" },
  ProjectName: {
    description: "Name of the CodeBuild project, and of secret and log group",
    pattern: "^[A-Za-z0-9][A-Za-z0-9_-]{1,57}$",
    fallback: PAGE_SETUP.project,
  },
  StartRoleName: {
    description: "Name of the role that start-runner assumes",
    pattern: "^[A-Za-z0-9_+=,.@-]{1,64}$",
    fallback: PAGE_SETUP.startRole,
  },
};

/** The installation of the pages, with `%Name%` where a parameter goes. */
const WITH_HOLES: Installation = {
  ...PAGE_SETUP,
  ...USUAL,
  account: "%Account%",
  region: "%Region%",
  workspace: "%Workspace%",
  workspaceUuid: "%WorkspaceUuid%",
  repositories: [{ uuid: "%RepositoryUuid%" }],
  project: "%ProjectName%",
  startRole: "%StartRoleName%",
  serviceRole: "%ProjectName%-build",
  secret: "%ProjectName%",
  secretKind: "access-token",
  providerExists: false,
  dashboard: true,
};

const HOLE = /%([A-Z]\w+)%/g;

/** The templates of `scripts/setup/`, by the names of their files. */
export function templateFiles(): Record<string, string> {
  return {
    "cloudformation.yaml": `# ${MADE_BY}\n${yamlText(withParameters(cloudFormation(WITH_HOLES)))}`,
    "terraform.tf": `# ${MADE_BY}\n${terraformWithVariables()}`,
    "aws-cli.sh": shellWithVariables(),
  };
}

const MADE_BY = "Made by `deno task policies --write`; `start-runner init --print` fills it in for you.";

/** For one repository, with what CloudFormation replaces; whether there is a provider is asked too. */
function withParameters(template: Template): object {
  const { AWSTemplateFormatVersion, Description, Resources, Outputs } = template;
  const { [PROVIDER]: provider, StartRole, ...others } = Resources;
  const asked = Object.entries(PARAMETERS).filter(([, { pseudo }]) => pseudo === undefined);
  return {
    AWSTemplateFormatVersion,
    Description,
    Parameters: {
      ...Object.fromEntries(asked.map(([name, parameter]) => [name, declared(parameter)])),
      ProviderExists: {
        Type: "String",
        Description: "Whether the account has the workspace's identity provider already",
        AllowedValues: ["yes", "no"],
        Default: "no",
      },
    },
    Conditions: { MakeProvider: { "Fn::Equals": [{ Ref: "ProviderExists" }, "no"] } },
    Resources: substituted({
      [PROVIDER]: { Condition: "MakeProvider", ...provider },
      StartRole: afterProvider(StartRole),
      ...others,
    }),
    Outputs,
  };
}

/** A resource may not depend on what may not be there; one that names it comes after it. */
function afterProvider(role: Resource | undefined): object {
  const { DependsOn: _, Properties, ...rest } = role ?? { Type: "", Properties: {} };
  const Description = {
    "Fn::If": [
      "MakeProvider",
      { "Fn::Sub": `${Properties["Description"]}, by ${"${"}${PROVIDER}}` },
      Properties["Description"],
    ],
  };
  return { ...rest, Properties: { ...Properties, Description } };
}

function declared({ description, pattern, fallback }: Parameter): object {
  return {
    Type: "String",
    Description: description,
    AllowedPattern: pattern,
    ...(fallback === undefined ? {} : { Default: fallback }),
  };
}

/** `Fn::Sub` wherever there is a hole; a document with one in a key is text, since a key cannot be computed. */
function substituted(value: unknown): unknown {
  if (typeof value === "string") return value.search(HOLE) === -1 ? value : { "Fn::Sub": reference(value) };
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(substituted);
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => {
      const asText = name === "AssumeRolePolicyDocument" && HOLE_IN_KEY.test(JSON.stringify(item));
      return [name, asText ? trustAsText(item as PolicyDocument) : substituted(item)];
    }),
  );
}

const HOLE_IN_KEY = /%[^"]*":/;

/** A condition's keys have the workspace in them. */
function trustAsText(trust: PolicyDocument): object {
  return { "Fn::Sub": reference(prettyJson(trust)) };
}

function reference(text: string): string {
  return text.replace(HOLE, (_, name: string) => `\${${PARAMETERS[name]?.pseudo ?? name}}`);
}

function terraformWithVariables(): string {
  const variables: Block[] = Object.entries(PARAMETERS).map(([name, { description, fallback }]) => ({
    head: `variable "${snakeCase(name)}"`,
    body: { description, type: new Expression("string"), default: fallback },
  }));
  const text = terraform(WITH_HOLES).replace(HOLE, (_, name: string) => `\${var.${snakeCase(name)}}`);
  // A variable alone in a text is written as an expression.
  return `${hclText(variables)}\n${text.replace(/"\$\{(var\.\w+)\}"/g, "$1")}`;
}

function shellWithVariables(): string {
  const [head = "", ...rest] = awsCli(WITH_HOLES).split("\nset -eu\n");
  const checks = Object.entries(PARAMETERS).map(([name, { description, fallback }]) => {
    const variable = snakeCase(name).toUpperCase();
    return fallback === undefined
      ? `: "\${${variable}:?${description}}"`
      : `# ${description}\n: "\${${variable}:=${fallback}}"`;
  });
  const body = rest.join("\nset -eu\n")
    // Words with a hole are quoted singly, or not at all.
    .replace(/'([^'\n]*%[A-Z]\w+%[^'\n]*)'/g, '"$1"')
    .replace(
      /<<'END'\n(.*?)\nEND/gs,
      (whole, text: string) => text.search(HOLE) === -1 ? whole : `<<END\n${text}\nEND`,
    )
    .replace(HOLE, (_, name: string) => `\${${snakeCase(name).toUpperCase()}}`);
  return [head, `# ${MADE_BY}`, "# Set what is asked for below as variables.", "set -eu", ...checks, body]
    .join("\n");
}

function snakeCase(name: string): string {
  return name.replace(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
}
