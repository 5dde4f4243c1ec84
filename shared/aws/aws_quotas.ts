import { GetServiceQuotaCommand, ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import { retryUnusableAnswers } from "./aws_answers.ts";
import { type AwsOptions, clientSettings } from "./aws_client.ts";
import { callAws } from "./aws_errors.ts";

/** The account's quota of a service in this region, by its code, as in `L-2DC20C30`. Failures are `AwsCallError`. */
export async function serviceQuota(
  options: AwsOptions,
  { service, code }: { readonly service: string; readonly code: string },
  signal?: AbortSignal,
): Promise<number | undefined> {
  const client = new ServiceQuotasClient(clientSettings("SERVICE_QUOTAS", options));
  retryUnusableAnswers(client, ({ Quota }) => Quota ? undefined : "quota");
  const command = new GetServiceQuotaCommand({ ServiceCode: service, QuotaCode: code });
  const output = await callAws("GetServiceQuota", signal, (sending) => client.send(command, sending));
  return output.Quota?.Value;
}
