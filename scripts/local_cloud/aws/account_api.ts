import { type ApiCall, type ApiRequest, badRequest } from "../server/api_call.ts";
import type { Account } from "./account.ts";
import type { AwsCredentials } from "./aws_credentials.ts";
import { identifyAwsJson } from "./aws_json.ts";
import { identifyQuery, type QueryResult, type QueryService, validationError } from "./aws_query.ts";
import type { Stack, Stacks } from "./stacks.ts";

/** What sets an account up: CloudFormation, the list of identity providers, and secrets. */
export function identifyAccount(
  { account, stacks }: { readonly account: Account; readonly stacks: Stacks },
  credentials: AwsCredentials,
  request: ApiRequest,
): ApiCall | undefined {
  return identifyQuery(cloudFormation(stacks), credentials, request) ??
    identifyQuery(iam(account), credentials, request) ??
    identifyAwsJson(
      "secretsmanager",
      {
        PutSecretValue: (input) => putSecretValue(account, input),
        DescribeSecret: (input) => describeSecret(account, input),
      },
      credentials,
      request,
    );
}

function cloudFormation(stacks: Stacks): QueryService {
  return {
    version: "2010-05-15",
    operations: {
      CreateStack: (form) => {
        checkCapability(form);
        return { StackId: stacks.create(...stackIn(form)).id };
      },
      UpdateStack: (form) => {
        checkCapability(form);
        return { StackId: stacks.update(...stackIn(form)).id };
      },
      DescribeStacks: (form) => ({ Stacks: [stackMembers(stacks.find(form.get("StackName") ?? ""))] }),
      DescribeStackEvents: (form) => ({
        StackEvents: stacks.find(form.get("StackName") ?? "").events.toReversed().map((event) => ({
          ...event,
        })),
      }),
      DescribeStackResources: (form) => ({
        StackResources: stacks.find(form.get("StackName") ?? "").resources.map(({ name, type }) => ({
          LogicalResourceId: name,
          ResourceType: type,
          ResourceStatus: "CREATE_COMPLETE",
        })),
      }),
    },
  };
}

function stackIn(form: URLSearchParams): [name: string, template: string, token: string] {
  const name = form.get("StackName") ?? "";
  if (!/^[A-Za-z][A-Za-z0-9-]{0,127}$/.test(name)) {
    throw validationError(`Value '${name}' at 'stackName' failed`);
  }
  return [name, form.get("TemplateBody") ?? "", form.get("ClientRequestToken") ?? ""];
}

/** Roles with names of their own take it. */
function checkCapability(form: URLSearchParams): void {
  if (form.get("Capabilities.member.1") === "CAPABILITY_NAMED_IAM") return;
  throw badRequest("InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_NAMED_IAM]");
}

function stackMembers({ id, name, status }: Stack): QueryResult {
  return { StackId: id, StackName: name, StackStatus: status, CreationTime: new Date().toISOString() };
}

function iam({ providers }: Account): QueryService {
  return {
    version: "2010-05-08",
    operations: {
      ListOpenIDConnectProviders: () => ({ OpenIDConnectProviderList: providers.map((Arn) => ({ Arn })) }),
    },
  };
}

function putSecretValue(
  { secrets, secretValues, id, region }: Account,
  input: Record<string, unknown>,
): object {
  const name = String(input["SecretId"] ?? "");
  if (!secrets.has(name)) {
    throw badRequest("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
  }
  const value: Record<string, string> = JSON.parse(String(input["SecretString"]));
  for (const [key, text] of Object.entries(value)) secretValues[`${name}:${key}`] = text;
  return {
    ...shownSecret({ id, region }, name),
    VersionId: crypto.randomUUID(),
    VersionStages: ["AWSCURRENT"],
  };
}

function describeSecret(account: Account, { SecretId }: Record<string, unknown>): object {
  const name = String(SecretId);
  if (!account.secretNames.includes(name)) {
    throw badRequest("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
  }
  return shownSecret(account, name);
}

function shownSecret({ id, region }: Pick<Account, "id" | "region">, name: string) {
  return { ARN: `arn:aws:secretsmanager:${region}:${id}:secret:${name}-AbCdEf`, Name: name };
}
