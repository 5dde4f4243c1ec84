import { PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { retryUnusableAnswers } from "./aws_answers.ts";
import { type AwsOptions, clientSettings } from "./aws_client.ts";
import { callAws } from "./aws_errors.ts";

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
