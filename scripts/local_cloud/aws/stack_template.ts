import { parse } from "yaml";
import { validationError } from "./aws_query.ts";

/** A resource of a template, its references resolved. */
export interface StackResource {
  readonly name: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** What the local cloud makes, with the properties that each must have, may have, and be called by. */
const TYPES: Readonly<
  Record<string, { readonly required: readonly string[]; readonly allowed: readonly string[] }>
> = {
  "AWS::IAM::OIDCProvider": { required: ["Url"], allowed: ["ClientIdList"] },
  "AWS::IAM::Role": {
    required: ["AssumeRolePolicyDocument"],
    allowed: ["RoleName", "Description", "MaxSessionDuration"],
  },
  "AWS::IAM::Policy": { required: ["PolicyName", "PolicyDocument"], allowed: ["Roles"] },
  "AWS::Logs::LogGroup": { required: [], allowed: ["LogGroupName", "RetentionInDays"] },
  "AWS::SecretsManager::Secret": { required: [], allowed: ["Name", "Description"] },
  "AWS::CodeBuild::Project": {
    required: ["Artifacts", "Environment", "ServiceRole", "Source"],
    allowed: [
      ...[
        "Name",
        "Description",
        "LogsConfig",
        "TimeoutInMinutes",
        "QueuedTimeoutInMinutes",
        "AutoRetryLimit",
      ],
    ],
  },
  "AWS::CloudWatch::Dashboard": { required: ["DashboardBody"], allowed: ["DashboardName"] },
};

const RESOURCE_KEYS = [
  ...["Type", "DependsOn", "DeletionPolicy", "UpdateReplacePolicy", "Properties"],
];

/** Source: CloudFormation quotas. */
const LONGEST_BODY = 51_200;

/** The resources of a template, in the order in which they can be made. Throws `ApiRefusal` where CloudFormation would refuse. */
export function readTemplate(body: string, accountId: string): StackResource[] {
  if (body.length > LONGEST_BODY) {
    throw validationError("1 validation error detected: templateBody is too long");
  }
  const given = resourcesIn(body);
  const names = Object.keys(given);
  for (const [name, resource] of Object.entries(given)) checkResource(name, resource, names);
  return names.toSorted((a, b) => depth(a, given) - depth(b, given)).map((name) => ({
    name,
    type: String(given[name]?.["Type"]),
    properties: resolved(given[name]?.["Properties"] ?? {}, given, accountId) as Record<string, unknown>,
  }));
}

type Given = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

function resourcesIn(body: string): Given {
  let template: Record<string, unknown>;
  try {
    template = parse(body, { version: "1.1" });
  } catch (error) {
    throw validationError(`Template format error: ${error instanceof Error ? error.message : error}`);
  }
  if (template?.["AWSTemplateFormatVersion"] !== "2010-09-09") {
    throw validationError("Template format error: unsupported structure.");
  }
  const resources = template["Resources"];
  if (typeof resources !== "object" || resources === null) {
    throw validationError("Template format error: At least one Resources member must be defined.");
  }
  return resources as Given;
}

function checkResource(
  name: string,
  resource: Readonly<Record<string, unknown>>,
  names: readonly string[],
): void {
  const type = TYPES[String(resource["Type"])];
  if (type === undefined) throw validationError(`Unrecognized resource types: [${resource["Type"]}]`);
  const properties = Object.keys(resource["Properties"] ?? {});
  const unknown = [
    ...Object.keys(resource).filter((key) => !RESOURCE_KEYS.includes(key)),
    ...properties.filter((key) => ![...type.required, ...type.allowed].includes(key)),
  ];
  if (unknown.length > 0) throw validationError(`Encountered unsupported property ${unknown[0]}`);
  const missing = type.required.find((key) => !properties.includes(key));
  if (missing !== undefined) throw validationError(`Property ${missing} cannot be empty.`);
  const lost = references(resource).find((reference) => !names.includes(reference));
  if (lost !== undefined) {
    throw validationError(`Template format error: Unresolved resource dependencies [${lost}] in ${name}`);
  }
}

/** Logical names that a resource needs before it. */
function references(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    if (key === "Ref") return [String(item)];
    if (key === "Fn::GetAtt") return [String((item as unknown[])[0])];
    return key === "DependsOn" ? [item].flat().map(String) : references(item);
  });
}

function depth(name: string, given: Given): number {
  return 1 + Math.max(0, ...references(given[name]).map((needed) => depth(needed, given)));
}

function resolved(value: unknown, given: Given, accountId: string): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => resolved(item, given, accountId));
  const map = value as Record<string, unknown>;
  if ("Ref" in map) return nameIn(given[String(map["Ref"])]);
  if ("Fn::GetAtt" in map) {
    const [name] = map["Fn::GetAtt"] as string[];
    return `arn:aws:iam::${accountId}:role/${nameIn(given[name ?? ""])}`;
  }
  return Object.fromEntries(
    Object.entries(map).map(([key, item]) => [key, resolved(item, given, accountId)]),
  );
}

function nameIn(resource: Readonly<Record<string, unknown>> | undefined): unknown {
  const properties = (resource?.["Properties"] ?? {}) as Record<string, unknown>;
  return properties["RoleName"] ?? properties["LogGroupName"] ?? properties["Name"];
}
