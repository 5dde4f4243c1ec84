import { shellWord } from "../../../shared/output/shell_word.ts";
import type { Build, Project } from "../../../shared/aws/aws_codebuild.ts";
import { AwsCallError } from "../../../shared/aws/aws_errors.ts";
import type { ProgramError } from "../../../shared/program/errors.ts";
import { type Answer, refused, unanswered } from "../answer.ts";
import type { DoctorConfig } from "../doctor_config.ts";
import { fail, type Finding, ok, unknown } from "../finding.ts";

const CHECK = "project";

/** Whether there is such a project, and whether it is one that builds without a source; `builds` are its newest ones. */
export function projectFindings(
  config: DoctorConfig,
  answer: Answer<Project | undefined>,
  builds: Answer<readonly Build[]>,
): Finding[] {
  if ("error" in answer) return [saysMissing(builds) ? missing(config) : unseen(answer.error, config)];
  const project = answer.value;
  if (project === undefined) return [missing(config)];
  return [
    ok(CHECK, `${project.arn ?? project.name}, with service role ${project.serviceRole ?? "unknown"}`),
    sourceFinding(project, config),
    timeoutFinding(project, config),
    ...limitFindings(project),
    networkFinding(project, "value" in builds ? builds.value : [], config),
  ];
}

function missing({ project, region }: DoctorConfig): Finding {
  return fail(
    CHECK,
    `there is no CodeBuild project «${project}» in ${region} of this account`,
    "check --project, --region and the account: names tell capitals from small letters",
  );
}

/** Who may list a project's builds and not look at it hears so too that there is none. */
function saysMissing(builds: Answer<unknown>): boolean {
  if (!("error" in builds) || !(builds.error instanceof AwsCallError)) return false;
  const { call, kind } = builds.error;
  return call === "ListBuildsForProject" && (kind === "not found" || kind === "invalid");
}

function unseen(error: ProgramError, config: DoctorConfig): Finding {
  if (error instanceof AwsCallError && error.kind === "unavailable") return refused(CHECK, error, config);
  return unanswered(
    CHECK,
    error,
    "codebuild:BatchGetProjects",
    `aws codebuild batch-get-projects --names ${config.project} --region ${config.region}`,
  );
}

function sourceFinding({ source }: Project, { customBuildspec }: DoctorConfig): Finding {
  const type = source?.type ?? "NO_SOURCE";
  if (type === "CODEPIPELINE") {
    return fail(
      "source",
      "it is CODEPIPELINE: StartBuild does not start such a project",
      "set the source to NO_SOURCE",
    );
  }
  if (customBuildspec && type === "NO_SOURCE" && !source?.buildspec) {
    return fail(
      "source",
      "the project has no buildspec of its own, and --custom-buildspec leaves it to the project",
      "put one into the project (start-runner buildspec prints a beginning), or leave --custom-buildspec out",
    );
  }
  if (type === "NO_SOURCE" || customBuildspec) return ok("source", type);
  return ok("source", `${type}: each build fetches it before it is a runner`, "set the source to NO_SOURCE");
}

function timeoutFinding(project: Project, config: DoctorConfig): Finding {
  const minutes = config.timeoutMinutes ?? project.timeoutInMinutes;
  const queued = config.queuedTimeoutMinutes ?? project.queuedTimeoutInMinutes;
  const detail = `a build ends after ${minutes ?? "?"} minutes, and waits in AWS's queue for up to ${
    queued ?? "?"
  }`;
  const brief = minutes !== undefined && minutes * 60 < config.startupTimeoutS;
  return brief
    ? ok(
      "timeouts",
      `${detail}; start-runner waits longer for its runner`,
      "raise --timeout or lower --startup-timeout",
    )
    : ok("timeouts", detail);
}

function limitFindings({ concurrentBuildLimit: limit }: Project): Finding[] {
  if (limit === undefined) return [];
  return limit > 0
    ? [ok("limit", `the project runs ${limit} builds at a time`)]
    : [fail("limit", "the project's concurrent build limit lets no build run", "raise or remove the limit")];
}

/**
 * Builds in a VPC have no public address, whatever their subnet. Sources: CodeBuild user guide, VPC support, and properties of fleets. How a subnet is
 * routed only EC2 tells, whose client is as large as the rest of start-runner; a build that has succeeded there tells too.
 */
function networkFinding(
  { vpcConfig }: Project,
  builds: readonly Build[],
  { region, fleet }: DoctorConfig,
): Finding {
  const { vpcId, subnets = [], securityGroupIds = [] } = vpcConfig ?? {};
  if (fleet !== undefined) {
    return ok("network", "with --fleet the fleet's own network counts, not the project's VPC configuration");
  }
  if (!vpcId) return ok("network", "builds are in no VPC, and reach the internet");
  const ids = subnets.toSorted().join(",");
  const where = `builds are in ${vpcId}, subnets ${ids}, groups ${securityGroupIds.join(",")}`;
  const proof = builds.find(({ buildStatus, vpcConfig: own }) =>
    buildStatus === "SUCCEEDED" && own?.subnets?.toSorted().join(",") === ids
  );
  if (proof !== undefined) return ok("network", `${where}; build ${proof.id} has succeeded there`);
  return unknown(
    "network",
    `${where}: in a public subnet, or one without a NAT gateway, they reach nothing`,
    "each subnet's default route must lead to a NAT gateway, not to an internet gateway: " +
      `aws ec2 describe-route-tables --region ${region} --filters ${
        shellWord(`Name=association.subnet-id,Values=${ids}`)
      } ` +
      "--query 'RouteTables[].Routes[]' (one without a row has its VPC's main table)",
  );
}
