import { type ApiCall, type ApiRequest, badRequest } from "../server/api_call.ts";
import type { AwsCredentials } from "./aws_credentials.ts";
import { identifyAwsJson } from "./aws_json.ts";

/** Secrets Manager, as far as telling whether a secret is there goes. */
export function identifySecrets(
  exists: (name: string) => boolean,
  credentials: AwsCredentials,
  request: ApiRequest,
): ApiCall | undefined {
  const operations = {
    DescribeSecret: ({ SecretId }: Record<string, unknown>) => {
      const name = String(SecretId);
      if (!exists(name)) {
        throw badRequest("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
      }
      return { ARN: `arn:aws:secretsmanager:eu-central-1:123456789012:secret:${name}-AbCdEf`, Name: name };
    },
  };
  return identifyAwsJson("secretsmanager", operations, credentials, request);
}
