import { AwsCallError } from "../../shared/aws/aws_errors.ts";
import { BuildNotStartedError, CredentialsError, type ProgramError } from "../../shared/program/errors.ts";
import { urlPart } from "../../shared/program/url_part.ts";
import type { StartConfig } from "../options/start_config.ts";

type HintContext = Pick<StartConfig, "project" | "region" | "inPipeline" | "webIdentity" | "workspace">;

export const CAPACITY_HINT =
  "raise --capacity-timeout, the project's concurrent build limit, or the account's quota for this compute type " +
  "(Service Quotas, AWS CodeBuild, «Concurrently running builds»)";

export const THROTTLED_HINT =
  "raise --capacity-timeout; CodeBuild counts an account's calls together: see in CloudTrail who makes many of them";

/** What a call to AWS that failed for good means to the reader: exit code 3 for refusals, 4 for everything else. */
export function awsFailure(error: AwsCallError, context: HintContext): ProgramError {
  const options = { cause: error, hint: awsHint(error, context) };
  const atSts = error.call === "AssumeRoleWithWebIdentity";
  // Whatever STS answers but a fault of its own, it does not let us in.
  const refused = ["refused", "expired"].includes(error.kind) || (atSts && error.kind === "invalid");
  return refused
    ? new CredentialsError(error.message, options)
    : new BuildNotStartedError(error.message, options);
}

function awsHint(error: AwsCallError, context: HintContext): string {
  if (error.call === "AssumeRoleWithWebIdentity" && !isUnanswered(error)) return stsHint(error, context);
  return generalHint(error, context) ?? codeBuildHint(error, context);
}

/** What helps whatever was called: where AWS could not be asked, or nobody knows as whom; undefined where that is not it. */
export function generalHint(
  error: AwsCallError,
  { inPipeline }: Pick<StartConfig, "inPipeline">,
): string | undefined {
  if (isUnanswered(error)) {
    return "run the step again; if it stays, check the network (HTTPS_PROXY, NO_PROXY, AWS_ENDPOINT_URL) and API_TIMEOUT";
  }
  if (error.code === "CredentialsProviderError") {
    return inPipeline
      ? "add `oidc: true` to the step and set --role or AWS_ROLE_ARN"
      : "give AWS credentials (AWS_PROFILE, AWS_ACCESS_KEY_ID and so on), or run in a pipeline step with `oidc: true`";
  }
  return error.kind === "expired"
    ? "the AWS credentials have expired: renew them, or run the step again"
    : undefined;
}

function isUnanswered({ kind }: AwsCallError): boolean {
  return kind === "unavailable" || kind === "throttled";
}

function stsHint({ code }: AwsCallError, { webIdentity, workspace, region }: HintContext): string {
  const name = code.replace(/Exception$/, "");
  const place = workspace === undefined ? "WORKSPACE" : urlPart(workspace);
  const issuer = `api.bitbucket.org/2.0/workspaces/${place}/pipelines-config/identity/oidc`;
  switch (name) {
    case "ExpiredToken":
      return "the step's OIDC token is no longer valid: run the step again";
    case "InvalidIdentityToken":
      return `add the IAM identity provider https://${issuer} with the audience that Bitbucket shows ` +
        "(repository settings, OpenID Connect)";
    case "IDPRejectedClaim":
      return "the step's OIDC token has expired or was revoked: run the step again";
    case "AccessDenied":
      return `the trust policy of ${webIdentity?.roleArn} must allow sts:AssumeRoleWithWebIdentity to the identity ` +
        `provider ${issuer}, for this audience and for the subject {REPOSITORY_UUID}:*`;
    case "RegionDisabled":
      return `activate STS in region ${region} (IAM, account settings), or choose another region`;
    default:
      return "check --role or AWS_ROLE_ARN, and the role's session policies";
  }
}

function codeBuildHint(error: AwsCallError, context: HintContext): string {
  switch (error.kind) {
    case "refused":
      return refusalHint(error, context);
    case "not found":
      return `check --project and --region: there is no project «${context.project}» in ${context.region}`;
    case "no quota":
      return "waiting does not help: ask for a higher quota for this compute type (Service Quotas, AWS CodeBuild, " +
        "«Concurrently running builds»), or choose a smaller --compute-type";
    case "capacity":
      return CAPACITY_HINT;
    default:
      return "check --image, --environment-type and --compute-type: they must fit each other, and the project";
  }
}

function refusalHint(error: AwsCallError, { project, region, webIdentity }: HintContext): string {
  if (/AccessDenied|NotAuthorized/.test(error.code) || error.status === 403) {
    const action = error.call === "GetLogEvents" ? "logs:GetLogEvents" : `codebuild:${error.call}`;
    const who = webIdentity === undefined
      ? "the policy of these credentials"
      : `the policy of ${webIdentity.roleArn}`;
    const conditions = error.call === "StartBuild"
      ? "; where that has conditions, they must name every variable and override that is sent, and this repository"
      : "";
    return `allow ${action} on arn:aws:codebuild:${region}:ACCOUNT:project/${project} in ${who}${conditions}`;
  }
  return "check the AWS credentials, and this machine's clock";
}
