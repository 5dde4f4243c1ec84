import { DescribeSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { retryUnusableAnswers } from "./aws_answers.ts";
import { type AwsOptions, clientSettings } from "./aws_client.ts";
import { AwsCallError, callAws } from "./aws_errors.ts";

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
