import type { AwsCallError } from "../../shared/aws/aws_errors.ts";
import { type TokenClaims, tokenClaims } from "../../shared/aws/token_claims.ts";
import { urlPart } from "../../shared/program/url_part.ts";
import type { StartConfig } from "../options/start_config.ts";
import { trustCondition } from "./trust_condition.ts";

const NO_TOKEN =
  "leave BITBUCKET_STEP_OIDC_TOKEN to Bitbucket, which sets it in a step with `oidc: true`: something else has set it";

type StsContext = Pick<StartConfig, "region" | "webIdentity"> & Partial<Pick<StartConfig, "workspace">>;

/**
 * A refusal by STS, with the role it was for and what the token says: STS tells neither what does not fit nor whether there
 * is such a role.
 */
export function stsMessage({ message }: AwsCallError, { webIdentity }: StsContext): string {
  if (webIdentity === undefined) return message;
  const claims = tokenClaims(webIdentity.token);
  const said = claims === undefined
    ? "the token in BITBUCKET_STEP_OIDC_TOKEN is no JWT"
    : `the token says iss «${claims.iss}», aud «${claims.aud}», sub «${claims.sub}»${validity(claims)}`;
  return `${message}; the role was ${webIdentity.roleArn}, and ${said}`;
}

/** What to change after a refusal by STS. */
export function stsHint({ code }: AwsCallError, context: StsContext): string {
  const role = context.webIdentity?.roleArn ?? "the role";
  if (context.webIdentity !== undefined && claimsOf(context) === undefined) return NO_TOKEN;
  const issuer = issuerOf(context);
  switch (code.replace(/Exception$/, "")) {
    case "ExpiredToken":
      return "the step's OIDC token is no longer valid: run the step again";
    case "InvalidIdentityToken":
      return `add the IAM identity provider https://${issuer} with the audience ${
        audienceOf(context)
      } to account ` +
        `${
          accountOf(role)
        }, or see that --role names the account that has it: a mistyped account gives the same answer`;
    case "IDPRejectedClaim":
      return "the step's OIDC token has expired or was revoked: run the step again";
    case "AccessDenied":
      return `see that there is a role ${role}: a mistyped role or account gives the same answer; its trust policy must ` +
        "allow sts:AssumeRoleWithWebIdentity to the Federated principal " +
        `${principalOf(role, issuer)} with "Condition": ${conditionOf(context, issuer)}`;
    case "RegionDisabled":
      return `activate STS in region ${context.region} (IAM, account settings), or choose another region`;
    default:
      return "check --role or AWS_ROLE_ARN, and the role's session policies";
  }
}

function validity({ expiresMs }: TokenClaims): string {
  const until = expiresMs === undefined ? new Date(NaN) : new Date(expiresMs);
  return Number.isNaN(until.getTime()) ? "" : `, valid until ${until.toISOString().slice(0, 19)}Z`;
}

function claimsOf({ webIdentity }: StsContext): TokenClaims | undefined {
  return webIdentity === undefined ? undefined : tokenClaims(webIdentity.token);
}

function issuerOf(context: StsContext): string {
  const said = claimsOf(context)?.iss?.replace(/^https:\/\//, "");
  const place = context.workspace === undefined ? "WORKSPACE" : urlPart(context.workspace);
  return said ?? `api.bitbucket.org/2.0/workspaces/${place}/pipelines-config/identity/oidc`;
}

function audienceOf(context: StsContext): string {
  return claimsOf(context)?.aud ?? "that Bitbucket shows (repository settings, OpenID Connect)";
}

function accountOf(roleArn: string): string {
  return roleArn.split(":")[4] ?? "of the role";
}

function principalOf(roleArn: string, issuer: string): string {
  return `${roleArn.split(":").slice(0, 5).join(":")}:oidc-provider/${issuer}`;
}

/** As JSON that fits into the policy as it is; the step, the last part of the subject, is another each time. */
function conditionOf(context: StsContext, issuer: string): string {
  const { aud, sub } = claimsOf(context) ?? {};
  const subject = sub?.replace(/:[^:]*$/, ":*") ?? "{REPOSITORY_UUID}:*";
  return JSON.stringify(
    trustCondition(issuer, { audience: aud ?? "AUDIENCE", subjects: [subject] }),
  );
}
