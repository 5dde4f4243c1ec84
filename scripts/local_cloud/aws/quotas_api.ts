import type { ApiCall, ApiRequest } from "../server/api_call.ts";
import type { AwsCredentials } from "./aws_credentials.ts";
import { identifyAwsJson } from "./aws_json.ts";

/** Service Quotas, as far as CodeBuild's builds that run at a time go; they are the same for every size here. */
export function identifyQuotas(
  concurrentBuilds: () => number,
  credentials: AwsCredentials,
  request: ApiRequest,
): ApiCall | undefined {
  const operations = {
    GetServiceQuota: ({ ServiceCode, QuotaCode }: Record<string, unknown>) => ({
      Quota: { ServiceCode, QuotaCode, QuotaName: "Concurrently running builds", Value: concurrentBuilds() },
    }),
  };
  return identifyAwsJson("ServiceQuotasV20190624", operations, credentials, request);
}
