import { AwsCallError } from "../../shared/aws/aws_errors.ts";
import { BuildNotStartedError, CredentialsError, type ProgramError } from "../../shared/program/errors.ts";
import { shortened } from "../../shared/output/plain_text.ts";
import { shellWord } from "../../shared/output/shell_word.ts";
import { NoAnswerError } from "../../shared/aws/aws_fetch.ts";
import { regionProblem } from "../facts/regions.ts";
import { CAPACITY_HINT } from "./capacity_hints.ts";
import { type FleetFailure, withFleetHint } from "./fleet_hint.ts";
import { isEc2, machineImage } from "../options/build_image.ts";
import type { StartConfig } from "../options/start_config.ts";
import { stsHint, stsMessage } from "./sts_refusal.ts";

type HintContext =
  & Pick<StartConfig, "project" | "region" | "inPipeline" | "webIdentity" | "workspace" | "profile">
  & Partial<Pick<StartConfig, "image" | "environmentType">>;

/** What a call to AWS that failed for good means to the reader: exit code 3 for refusals, 4 for everything else. */
export function awsFailure(error: AwsCallError, context: HintContext): ProgramError {
  const options = { cause: error, hint: awsHint(error, context) };
  const atSts = error.call === "AssumeRoleWithWebIdentity";
  // Whatever STS answers but a fault of its own, it does not let us in.
  const refused = ["refused", "expired"].includes(error.kind) || (atSts && error.kind === "invalid");
  if (!refused) return new BuildNotStartedError(error.message, options);
  return new CredentialsError(atSts ? stsMessage(error, context) : withProfile(error, context), options);
}

/** The same of a start, with what its fleet has to do with it. Rejects as the signal does. */
export async function startFailure(
  error: AwsCallError,
  context: FleetFailure & { readonly config: HintContext },
): Promise<ProgramError> {
  const failure = awsFailure(error, context.config);
  return await withFleetHint(failure, error, context);
}

function awsHint(error: AwsCallError, context: HintContext): string {
  if (error.call === "AssumeRoleWithWebIdentity" && !isUnanswered(error)) return stsHint(error, context);
  return generalHint(error, context) ?? codeBuildHint(error, context);
}

/** What a hint goes by that helps whatever was called. */
export type GeneralContext = Pick<StartConfig, "inPipeline" | "profile" | "region">;

/** What helps whatever was called: where AWS could not be asked, or nobody knows as whom; undefined where that is not it. */
export function generalHint(error: AwsCallError, context: GeneralContext): string | undefined {
  if (isUnanswered(error)) return networkHint(error, context);
  if (isWithoutCredentials(error)) return credentialsHint(error, context);
  return error.kind === "expired"
    ? "the AWS credentials have expired: renew them, or run the step again"
    : undefined;
}

function networkHint({ cause }: AwsCallError, { region }: GeneralContext): string {
  const fault = cause instanceof NoAnswerError ? cause.fault : undefined;
  const wrongRegion = fault?.kind === "name" ? regionProblem(region) : undefined;
  return wrongRegion === undefined
    ? fault?.hint ??
      "run the step again; if it stays, check the network (HTTPS_PROXY, NO_PROXY, AWS_ENDPOINT_URL) and API_TIMEOUT"
    : `check --region: ${wrongRegion}`;
}

/** What the SDK throws where it finds nobody to be. */
function isWithoutCredentials({ code }: AwsCallError): boolean {
  return code === "CredentialsProviderError" || code === "TokenProviderError";
}

function credentialsHint({ message }: AwsCallError, { inPipeline, profile }: GeneralContext): string {
  if (profile !== undefined) {
    const name = shortened(profile);
    return /\bSSO\b|\bToken is expired/.test(message)
      ? `run aws sso login --profile ${shellWord(name)}`
      : `check the profile «${name}», which AWS_PROFILE names, in the config and credentials files (aws configure list ` +
        `--profile ${shellWord(name)}), or name another one`;
  }
  return inPipeline
    ? "add `oidc: true` to the step and set --role or AWS_ROLE_ARN"
    : "give AWS credentials (AWS_PROFILE, AWS_ACCESS_KEY_ID and so on), or run in a pipeline step with `oidc: true`";
}

/** The SDK does not always say which profile it has looked for. */
function withProfile(error: AwsCallError, { profile }: HintContext): string {
  if (profile === undefined || !isWithoutCredentials(error)) return error.message;
  return `${error.message}; AWS_PROFILE is «${shortened(profile)}»`;
}

function isUnanswered({ kind }: AwsCallError): boolean {
  return kind === "unavailable" || kind === "throttled";
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
      return misfitHint(error, context);
  }
}

function misfitHint({ message }: AwsCallError, { image, environmentType: type }: HintContext): string {
  if (/privileged/i.test(message)) {
    return "EC2 compute is no container and takes no privileged mode: where the project or its fleet is of such a type, set " +
      "--environment-type to it, so that a Docker runner asks for none";
  }
  return isEc2(type) && image === undefined
    ? `${type} boots machine images, as ${
      machineImage(type)
    }, and the project's own may be a container's: set --image`
    : "check --image, --environment-type and --compute-type: they must fit each other, and the project";
}

function refusalHint(error: AwsCallError, context: HintContext): string {
  if (!/AccessDenied|NotAuthorized/.test(error.code) && error.status !== 403) {
    return "check the AWS credentials, and this machine's clock";
  }
  const action = error.call === "GetLogEvents" ? "logs:GetLogEvents" : `codebuild:${error.call}`;
  const { webIdentity } = context;
  const who = webIdentity === undefined
    ? "the policy of these credentials"
    : `the policy of ${webIdentity.roleArn}`;
  const conditions = error.call === "StartBuild"
    ? "; where that has conditions, they must name every variable and override that is sent, and this repository"
    : "";
  const denied = /explicit deny/i.test(error.message)
    ? "; AWS speaks of an explicit deny, which goes before whatever allows it"
    : "";
  return `allow ${action} on ${resourceOf(error, context)} in ${who}${conditions}${denied}`;
}

/** What the call was for: as AWS names it, else made of the account in the role's ARN or in that of the user AWS names. */
function resourceOf({ call, message }: AwsCallError, { project, region, webIdentity }: HintContext): string {
  const named = /on resource: (arn:aws[\w-]{0,20}:[\w:/.*-]{1,500})/.exec(message)?.[1];
  if (named !== undefined) return named;
  const user = /\barn:aws[\w-]{0,20}:(?:sts|iam)::\d{12}\b/.exec(message)?.[0];
  const [, partition, , , account] = (user ?? webIdentity?.roleArn ?? "").split(":");
  if (account === undefined) return `project ${project} in ${region}`;
  const place = `${region}:${account}`;
  return call === "GetLogEvents"
    ? `arn:${partition}:logs:${place}:log-group:/aws/codebuild/${project}:*`
    : `arn:${partition}:codebuild:${place}:project/${project}`;
}
