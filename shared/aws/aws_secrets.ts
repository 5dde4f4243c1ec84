import {
  DescribeSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { retryUnusableAnswers } from "./aws_answers.ts";
import { type AwsOptions, clientSettings } from "./aws_client.ts";
import { AwsCallError, callAws } from "./aws_errors.ts";

/** Gives a secret its value, which becomes the current one. Rejects with `AwsCallError`. */
export async function putSecretValue(
  options: AwsOptions,
  { name, value }: { readonly name: string; readonly value: string },
  signal?: AbortSignal,
): Promise<void> {
  const client = new SecretsManagerClient(clientSettings("SECRETS_MANAGER", options));
  retryUnusableAnswers(client, (output) => output["VersionId"] ? undefined : "version");
  const command = new PutSecretValueCommand({ SecretId: name, SecretString: value });
  await callAws("PutSecretValue", signal, (sending) => client.send(command, sending));
}

/** Whether Secrets Manager has a secret of this name or ARN that is not about to be deleted; its value is not asked for. */
export async function secretExists(options: AwsOptions, id: string, signal?: AbortSignal): Promise<boolean> {
  const client = new SecretsManagerClient(clientSettings("SECRETS_MANAGER", options));
  retryUnusableAnswers(client, ({ ARN }) => ARN ? undefined : "ARN");
  try {
    const command = new DescribeSecretCommand({ SecretId: id });
    const output = await callAws("DescribeSecret", signal, (sending) => client.send(command, sending));
    return output.DeletedDate === undefined;
  } catch (error) {
    if (error instanceof AwsCallError && error.kind === "not found") return false;
    throw error;
  }
}
