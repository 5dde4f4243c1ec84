import { IAMClient, ListOpenIDConnectProvidersCommand } from "@aws-sdk/client-iam";
import { retryUnusableAnswers } from "../../shared/aws/aws_answers.ts";
import { type AwsOptions, clientSettings } from "../../shared/aws/aws_client.ts";
import { callAws } from "../../shared/aws/aws_errors.ts";

/** ARNs of the account's identity providers for OpenID Connect. Rejects with `AwsCallError`. */
export async function identityProviders(options: AwsOptions, signal?: AbortSignal): Promise<string[]> {
  const client = new IAMClient(clientSettings("IAM", options));
  // A list that is empty may be left out.
  retryUnusableAnswers(client, () => undefined);
  const command = new ListOpenIDConnectProvidersCommand({});
  const output = await callAws("ListOpenIDConnectProviders", signal, (sending) => {
    return client.send(command, sending);
  });
  return (output.OpenIDConnectProviderList ?? []).map(({ Arn = "" }) => Arn);
}
