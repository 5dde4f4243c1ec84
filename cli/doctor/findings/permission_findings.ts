import type { Project } from "../../../shared/aws/aws_codebuild.ts";
import { AwsCallError } from "../../../shared/aws/aws_errors.ts";
import type { LogPlace } from "../../../shared/aws/aws_logs.ts";
import type { AwsSession } from "../../aws/aws_session.ts";
import { type Answer, ask, isDenied, refused } from "../answer.ts";
import type { DoctorConfig } from "../doctor_config.ts";
import { fail, type Finding, ok, unknown } from "../finding.ts";

const CHECK = "permissions";
/** The nil UUID (RFC 9562): CodeBuild never gives it to a build, so nothing can be stopped or read by it. */
const NO_BUILD = "00000000-0000-0000-0000-000000000000";

/** What came of the calls that a start makes, made about a build that cannot exist. */
export interface Trials {
  readonly look: Answer<unknown>;
  readonly stop: Answer<unknown>;
  readonly list: Answer<readonly string[]>;
  /** Undefined where the project writes no log to CloudWatch. */
  readonly log: Answer<unknown> | undefined;
}

/**
 * Makes the calls of a start that change nothing. AWS looks at rights first and only then for what is named: whoever hears
 * that there is no such build may make the call. StopBuild can stop nothing by this id; StartBuild has no such harmless form.
 */
export async function tryCalls(
  session: AwsSession,
  project: string,
  logs: LogPlace | undefined,
  signal: AbortSignal,
): Promise<Trials> {
  const id = `${project}:${NO_BUILD}`;
  const [look, stop, list, log] = await Promise.all([
    ask(signal, () => session.call((codebuild) => codebuild.getBuilds([id], signal), signal)),
    ask(signal, () => session.call((codebuild) => codebuild.stopBuild(id, signal), signal)),
    ask(signal, () => session.call((codebuild) => codebuild.newestBuilds(project, signal), signal)),
    logs === undefined ? undefined : ask(signal, () => session.lastLogLines(logs, 1, signal)),
  ]);
  return { look, stop, list, log };
}

/** Where the project's builds log to, as far as it can be seen; undefined where not to CloudWatch. */
export function logPlace(name: string, project: Project | undefined): LogPlace | undefined {
  const { status, groupName } = project?.logsConfig?.cloudWatchLogs ?? {};
  return status === "DISABLED"
    ? undefined
    : { group: groupName || `/aws/codebuild/${name}`, stream: NO_BUILD };
}

/** What this caller may do of what a start does. */
export function permissionFindings(
  config: DoctorConfig,
  trials: Trials,
  { place, arn = "PROJECT_ARN" }: {
    readonly place: LogPlace | undefined;
    /** The project's. */
    readonly arn: string | undefined;
  },
): Finding[] {
  return [
    unknown(
      CHECK,
      "codebuild:StartBuild shows in a start alone: trying it could start a build",
      "aws iam simulate-principal-policy --action-names codebuild:StartBuild --policy-source-arn " +
        `${config.role ?? "ROLE_ARN"} --resource-arns ${arn} tells it, but for conditions`,
    ),
    trialFinding("codebuild:BatchGetBuilds", trials.look, config),
    trialFinding("codebuild:StopBuild", trials.stop, config),
    trialFinding("codebuild:ListBuildsForProject", trials.list, config),
    logFinding(config, trials.log, place),
  ];
}

function trialFinding(right: string, answer: Answer<unknown>, config: DoctorConfig): Finding {
  if (!("error" in answer) || isNotFound(answer.error)) return ok(CHECK, `${right} is allowed`);
  const { error } = answer;
  if (!isDenied(error)) return unknown(CHECK, `${right}: ${error.message}`);
  const { detail, remedy } = refused(CHECK, error, config);
  return fail(CHECK, detail, `${remedy}; or check --project and --region`);
}

function logFinding(config: DoctorConfig, answer: Trials["log"], place: LogPlace | undefined): Finding {
  if (place === undefined || answer === undefined) {
    return ok(
      "log",
      "the project writes no log to CloudWatch: a build that fails cannot say why",
      "switch CloudWatch logs on in the project",
    );
  }
  const { group } = place;
  if (!("error" in answer)) return ok("log", `group ${group} can be read`);
  const { error } = answer;
  if (isDenied(error)) {
    const { detail, remedy } = refused("log", error, config);
    return fail("log", `group ${group}: ${detail}`, remedy ?? "allow logs:GetLogEvents");
  }
  if (!isNotFound(error)) return unknown("log", error.message);
  return /log group/i.test(error.message)
    ? ok("log", `group ${group} is not there yet: the first build makes it, where the service role may`)
    : ok("log", `group ${group} can be read`);
}

function isNotFound(error: unknown): boolean {
  return error instanceof AwsCallError && error.kind === "not found";
}
