import { FetchHttpHandler } from "@smithy/fetch-http-handler";
import { StandardRetryStrategy } from "@smithy/core/retry";
import { boundedFetch } from "./aws_fetch.ts";
import { ConfigurationError } from "../program/errors.ts";
import type { Host } from "../program/host.ts";
import { webUrl } from "../settings/parse_value.ts";
import { readSettings } from "../settings/settings.ts";
import { VERSION } from "../program/version.ts";

/** Static credentials, as an assumed role gives them. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

export interface AwsOptions {
  readonly host: Pick<Host, "fetch" | "env">;
  readonly region: string;
  /** How long one HTTP request may stay unanswered, in milliseconds. */
  readonly timeoutMs: number;
  /** Absent where the SDK's default credential chain serves. */
  readonly credentials?: AwsCredentials | undefined;
}

/** With the delays below, a lasting fault ends a call within about 5 s plus its timeouts. */
const MAX_ATTEMPTS = 5;
/** The SDK's own 50 ms would have all attempts over before a passing fault has passed. */
const BASE_DELAY_MS = 300;

/** The part of an address's variable that names the service. Source: the SDKs' reference guide. */
export type AwsService =
  | "STS"
  | "CODEBUILD"
  | "CLOUDWATCH_LOGS"
  | "KMS"
  | "CLOUDFORMATION"
  | "IAM"
  | "SECRETS_MANAGER"
  | "SERVICE_QUOTAS";

/**
 * What every AWS client is made with. `FetchHttpHandler` is used since it honours proxies under Deno, where the
 * SDK's usual handler ignores them. The whole-answer timeout sits in its `fetch`.
 */
export function clientSettings(service: AwsService, { host, region, timeoutMs, credentials }: AwsOptions) {
  const endpoint = endpointFrom(service, host.env);
  return {
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
    requestHandler: new FetchHttpHandler({ customFetch: boundedFetch(host, timeoutMs) }),
    maxAttempts: MAX_ATTEMPTS,
    retryStrategy: new StandardRetryStrategy({ maxAttempts: MAX_ATTEMPTS, baseDelay: BASE_DELAY_MS }),
    customUserAgent: [["aws-bitbucket-runner", VERSION]] as [string, string][],
  };
}

/**
 * The address that the environment gives, the service's own one first; the SDK knows those of its config file. Throws
 * `ConfigurationError` where credentials would travel in the clear.
 */
export function endpointFrom(service: AwsService, env: Host["env"]): string | undefined {
  if (env["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"]?.toLowerCase() === "true") return undefined;
  const name = [`AWS_ENDPOINT_URL_${service}`, "AWS_ENDPOINT_URL"].find((name) => env[name]);
  if (name === undefined) return undefined;
  const { values, problems } = readSettings(
    { url: { variables: [name], help: "address of the service", parse: webUrl } },
    {},
    env,
  );
  if (problems.length > 0) throw new ConfigurationError(problems);
  return values.url;
}
