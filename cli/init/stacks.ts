import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStackEventsCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  type StackEvent,
  UpdateStackCommand,
} from "@aws-sdk/client-cloudformation";
import { retryUnusableAnswers } from "../../shared/aws/aws_answers.ts";
import { type AwsOptions, clientSettings } from "../../shared/aws/aws_client.ts";
import { AwsCallError, callAws } from "../../shared/aws/aws_errors.ts";

export type { StackEvent } from "@aws-sdk/client-cloudformation";

/** What is known of a stack. */
export interface Stack {
  /** Its ARN, by which it is found even after it is gone. */
  readonly id: string;
  /** As in `CREATE_COMPLETE`. */
  readonly status: string;
}

/** What a stack is to be; a request that comes twice with the same token is one. */
export interface StackRequest {
  readonly name: string;
  readonly template: string;
  readonly token: string;
}

/** CloudFormation as `init` uses it. Failures are `AwsCallError`. */
export interface Stacks {
  /** By its name or ARN; undefined where there is none. */
  find(name: string, signal?: AbortSignal): Promise<Stack | undefined>;
  /** Logical names of what is in it. */
  resources(name: string, signal?: AbortSignal): Promise<string[]>;
  /** Begins to make it, and answers with its ARN; what fails is taken away again. */
  create(request: StackRequest, signal?: AbortSignal): Promise<string>;
  /** Begins to change it; false where there is nothing to change. */
  update(request: StackRequest, signal?: AbortSignal): Promise<boolean>;
  /** The newest events, oldest first. */
  events(id: string, signal?: AbortSignal): Promise<StackEvent[]>;
}

/** Makes the client for CloudFormation. */
export function createStacks(options: AwsOptions): Stacks {
  const client = new CloudFormationClient(clientSettings("CLOUDFORMATION", options));
  retryUnusableAnswers(client, () => undefined);
  return {
    find: (StackName, signal) =>
      callAws("DescribeStacks", signal, async (sending) => {
        const [stack] = (await client.send(new DescribeStacksCommand({ StackName }), sending)).Stacks ?? [];
        // Of a stack that is not there CloudFormation says so: an answer without one is a proxy's page, say.
        if (stack?.StackStatus === undefined) throw new TypeError("the answer has no stack");
        return { id: stack.StackId ?? StackName, status: stack.StackStatus };
      }).catch((error) => saying(error, /does not exist/, undefined)),
    resources: (StackName, signal) =>
      callAws("DescribeStackResources", signal, async (sending) => {
        const output = await client.send(new DescribeStackResourcesCommand({ StackName }), sending);
        return (output.StackResources ?? []).map(({ LogicalResourceId = "" }) => LogicalResourceId);
      }),
    create: (request, signal) =>
      callAws("CreateStack", signal, async (sending) => {
        const command = new CreateStackCommand({ ...inputOf(request), OnFailure: "DELETE" });
        return (await client.send(command, sending)).StackId ?? request.name;
      }),
    update: (request, signal) =>
      callAws("UpdateStack", signal, async (sending) => {
        await client.send(new UpdateStackCommand(inputOf(request)), sending);
        return true;
      }).catch((error) => saying(error, /No updates are to be performed/i, false)),
    events: (StackName, signal) =>
      callAws("DescribeStackEvents", signal, async (sending) => {
        const output = await client.send(new DescribeStackEventsCommand({ StackName }), sending);
        return (output.StackEvents ?? []).toReversed();
      }),
  };
}

function inputOf({ name, template, token }: StackRequest) {
  return {
    StackName: name,
    TemplateBody: template,
    Capabilities: ["CAPABILITY_NAMED_IAM" as const],
    ClientRequestToken: token,
  };
}

/** CloudFormation has one code, ValidationError, for all that it does not do: only the text tells. */
function saying<T>(error: unknown, words: RegExp, answer: T): T {
  if (error instanceof AwsCallError && words.test(error.message)) return answer;
  throw error;
}
