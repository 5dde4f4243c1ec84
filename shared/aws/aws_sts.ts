import { AssumeRoleWithWebIdentityCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { retryUnusableAnswers } from "./aws_answers.ts";
import { type AwsCredentials, type AwsOptions, clientSettings } from "./aws_client.ts";
import { callAws } from "./aws_errors.ts";
import { tokenClaims } from "./token_claims.ts";

export interface RoleRequest {
  readonly roleArn: string;
  readonly webIdentityToken: string;
  /** 2 to 64 characters of `[\w+=,.@-]`. */
  readonly sessionName: string;
  /** 900 to 43,200. */
  readonly durationS: number;
}

/**
 * `IDPCommunicationError` passes by its definition. `InvalidIdentityToken` is also what STS says while it cannot fetch the
 * identity provider's keys or has not noticed its newest ones, so it is final only when it stays.
 */
const PASSING = ["IDPCommunicationError", "InvalidIdentityToken"].flatMap((
  code,
) => [code, `${code}Exception`]);
/** Said of good tokens too, for the same reasons; of one whose time is over by STS's own clock it is the truth. */
const EXPIRED = ["ExpiredToken", "ExpiredTokenException"];

/** Exchanges the step's OIDC token for credentials of the role, at the region's own endpoint; needs no credentials. */
export async function assumeRole(
  options: AwsOptions,
  request: RoleRequest,
  signal?: AbortSignal,
): Promise<AwsCredentials> {
  const client = new STSClient(clientSettings("STS", options));
  retryUnusableAnswers(
    client,
    (output) => isComplete(output["Credentials"]) ? undefined : "credentials",
    ({ code, sentMs }) =>
      PASSING.includes(code) || (EXPIRED.includes(code) && !isOver(request.webIdentityToken, sentMs)),
  );
  const command = new AssumeRoleWithWebIdentityCommand({
    RoleArn: request.roleArn,
    WebIdentityToken: request.webIdentityToken,
    RoleSessionName: request.sessionName,
    DurationSeconds: request.durationS,
  });
  const output = await callAws(
    "AssumeRoleWithWebIdentity",
    signal,
    (sending) => client.send(command, sending),
  );
  const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = output.Credentials ?? {};
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}

function isOver(token: string, nowMs: number | undefined): boolean {
  const expiresMs = tokenClaims(token)?.expiresMs;
  return nowMs !== undefined && expiresMs !== undefined && expiresMs <= nowMs;
}

function isComplete(credentials: unknown): boolean {
  const given = credentials as Record<string, unknown> | undefined;
  return Boolean(given?.["AccessKeyId"] && given["SecretAccessKey"] && given["SessionToken"]);
}

/** Whose credentials these are: the account's 12 digits, and the ARN of the user or the role's session. */
export async function callerIdentity(
  options: AwsOptions,
  signal?: AbortSignal,
): Promise<{ account: string; arn: string }> {
  const client = new STSClient(clientSettings("STS", options));
  retryUnusableAnswers(client, (output) => output["Account"] && output["Arn"] ? undefined : "account");
  const output = await callAws(
    "GetCallerIdentity",
    signal,
    (sending) => client.send(new GetCallerIdentityCommand({}), sending),
  );
  return { account: output.Account ?? "", arn: output.Arn ?? "" };
}
