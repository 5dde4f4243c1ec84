import {
  answerOrRefuse,
  type ApiCall,
  type ApiFailure,
  ApiRefusal,
  type ApiRequest,
  badRequest,
  type Reply,
} from "../server/api_call.ts";
import type { AwsCredentials } from "./aws_credentials.ts";
import type { OidcClaims, OidcTokens } from "../pipelines/oidc_tokens.ts";

/** A role that a pipeline step may assume. */
export interface Role {
  readonly arn: string;
  /** Longest session in seconds (AWS's default is 3600). */
  readonly maxSessionS: number;
  readonly trust?: RoleTrust | undefined;
}

/** Whom a role lets in, where that is not every step of Bitbucket's. */
export interface RoleTrust {
  /** Whether the account has an identity provider for the issuer. */
  readonly provider?: boolean;
  /** The audience that the identity provider has. */
  readonly providerAudience?: string;
  /** The audience that the trust policy demands. */
  readonly audience?: string;
  /** The subject that the trust policy demands, with `*` for anything at its end. */
  readonly subject?: string;
}

export interface StsParts {
  readonly credentials: AwsCredentials;
  readonly oidcTokens: OidcTokens;
  readonly roles: readonly Role[];
}

/** STS: the query protocol, answers in XML. */
export function identifySts(parts: StsParts, request: ApiRequest): ApiCall | undefined {
  if (
    request.method !== "POST" ||
    !request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded")
  ) {
    return undefined;
  }
  const form = new URLSearchParams(request.body);
  if (form.get("Version") !== "2011-06-15") return undefined;
  const name = form.get("Action") ?? "";
  return {
    api: "AWS",
    name,
    credential: "OIDC token",
    refuse,
    answer: () =>
      answerOrRefuse(refuse, () => {
        if (name === "AssumeRoleWithWebIdentity") return assumeRole(parts, form);
        if (name === "GetCallerIdentity") return callerIdentity(parts, request);
        throw badRequest("InvalidAction", `Could not find operation ${name} for version 2011-06-15`);
      }),
  };
}

/** Ranges and patterns of the parameters. Source: AWS's service model of STS. */
function assumeRole(parts: StsParts, form: URLSearchParams): Reply {
  const roleArn = checked(form, "RoleArn", /^.{20,2048}$/);
  const sessionName = checked(form, "RoleSessionName", /^[\w+=,.@-]{2,64}$/);
  const token = checked(form, "WebIdentityToken", /^.{4,20000}$/s);
  const durationS = Number(form.get("DurationSeconds") ?? 3600);
  if (!Number.isInteger(durationS) || durationS < 900 || durationS > 43200) {
    throw badRequest(
      "ValidationError",
      `Value '${durationS}' at 'durationSeconds' failed to satisfy constraint`,
    );
  }
  checkToken(parts.oidcTokens, token);
  const role = parts.roles.find((role) => role.arn === roleArn);
  const claims = parts.oidcTokens.claims(token);
  if (claims !== undefined) checkProvider(parts.roles[0]?.trust ?? {}, claims);
  if (role === undefined || claims === undefined || !isTrusted(role.trust ?? {}, claims)) {
    throw new ApiRefusal({
      status: 403,
      code: "AccessDenied",
      message: "Not authorized to perform sts:AssumeRoleWithWebIdentity",
    });
  }
  if (durationS > role.maxSessionS) {
    throw badRequest(
      "ValidationError",
      "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    );
  }
  return xmlReply(200, assumedRole(parts.credentials, role, sessionName, durationS));
}

function checked(form: URLSearchParams, name: string, pattern: RegExp): string {
  const value = form.get(name) ?? "";
  if (pattern.test(value)) return value;
  const member = name[0]?.toLowerCase() + name.slice(1);
  throw badRequest(
    "ValidationError",
    `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must satisfy regular expression pattern: ${pattern.source}`,
  );
}

function checkToken(tokens: OidcTokens, token: string): void {
  const state = tokens.check(token);
  if (state === "expired") {
    throw badRequest("ExpiredTokenException", "Token expired: the web identity token is too old");
  }
  if (state === "unknown") {
    throw badRequest(
      "InvalidIdentityToken",
      "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
    );
  }
}

/** The identity provider is the account's; its messages are STS's own. */
function checkProvider({ provider, providerAudience }: RoleTrust, { iss, aud }: OidcClaims): void {
  if (provider === false) {
    throw badRequest("InvalidIdentityToken", `No OpenIDConnect provider found in your account for ${iss}`);
  }
  if ((providerAudience ?? aud) !== aud) {
    throw badRequest("InvalidIdentityToken", "Incorrect token audience");
  }
}

function isTrusted({ audience, subject }: RoleTrust, { aud, sub }: OidcClaims): boolean {
  const [fixed = "", open] = (subject ?? "*").split("*");
  return (audience ?? aud) === aud && (open === undefined ? sub === fixed : sub.startsWith(fixed));
}

function assumedRole(
  credentials: AwsCredentials,
  role: Role,
  sessionName: string,
  durationS: number,
): string {
  const issued = credentials.issue(durationS, "step");
  const expiration = new Date(issued.expiresAt).toISOString().replace(/\.\d+Z$/, "Z");
  const assumed = role.arn.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/");
  return `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithWebIdentityResult>
    <Audience>ari:cloud:bitbucket::workspace</Audience>
    <AssumedRoleUser>
      <AssumedRoleId>AROALOCALCLOUD:${escaped(sessionName)}</AssumedRoleId>
      <Arn>${escaped(assumed)}/${escaped(sessionName)}</Arn>
    </AssumedRoleUser>
    <Provider>api.bitbucket.org</Provider>
    <Credentials>
      <AccessKeyId>${issued.accessKeyId}</AccessKeyId>
      <SecretAccessKey>${issued.secretAccessKey}</SecretAccessKey>
      <SessionToken>${issued.sessionToken}</SessionToken>
      <Expiration>${expiration}</Expiration>
    </Credentials>
  </AssumeRoleWithWebIdentityResult>
  <ResponseMetadata><RequestId>${crypto.randomUUID()}</RequestId></ResponseMetadata>
</AssumeRoleWithWebIdentityResponse>
`;
}

/** Takes no right, only credentials that are good. */
function callerIdentity({ credentials, roles: [role] }: StsParts, request: ApiRequest): Reply {
  const owner = credentials.check(request);
  const account = role?.arn.split(":")[4] ?? "";
  const arn = owner === "person"
    ? `arn:aws:iam::${account}:user/developer`
    : `${role?.arn.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/")}/step`;
  return xmlReply(
    200,
    `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetCallerIdentityResult>
    <UserId>AIDALOCALCLOUD</UserId>
    <Account>${account}</Account>
    <Arn>${escaped(arn)}</Arn>
  </GetCallerIdentityResult>
  <ResponseMetadata><RequestId>${crypto.randomUUID()}</RequestId></ResponseMetadata>
</GetCallerIdentityResponse>
`,
  );
}

function refuse(failure: ApiFailure): Reply {
  const type = failure.status < 500 ? "Sender" : "Receiver";
  return xmlReply(
    failure.status,
    `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <Error>
    <Type>${type}</Type>
    <Code>${escaped(failure.code)}</Code>
    <Message>${escaped(failure.message)}</Message>
  </Error>
  <RequestId>${crypto.randomUUID()}</RequestId>
</ErrorResponse>
`,
    failure.headers,
  );
}

function xmlReply(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Reply {
  const requestId = { "x-amzn-requestid": crypto.randomUUID() };
  return { status, headers: { "content-type": "text/xml", ...requestId, ...headers }, body };
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
