import type { Build } from "../../shared/aws/aws_codebuild.ts";
import { failedPhase } from "./build_progress.ts";

interface Symptom {
  /** Matched against the failed phase's type, status, context codes and messages, and the build's status. */
  readonly when: RegExp;
  readonly hint: string;
}

/** From the special to the general; the first that matches is shown. */
const SYMPTOMS: readonly Symptom[] = [
  {
    when: /UNABLE_TO_PULL_IMAGE/,
    hint:
      "check --image: its name and tag, and that the service role (private registries) or the network can pull it",
  },
  {
    when: /toomanyrequests|pull rate limit/i,
    hint:
      "Docker Hub limits pulls from shared addresses: take the image from a registry of your own, such as ECR",
  },
  {
    when: /INSUFFICIENT_SUBNET|subnet/i,
    hint:
      "give the project's VPC configuration a subnet with free addresses, in an availability zone CodeBuild serves",
  },
  {
    when: /YAML_FILE_ERROR/,
    hint: "check the project's own buildspec, or leave out --custom-buildspec to use the generated one",
  },
  {
    when:
      /parameter[ _]?store|ParameterNotFound|ssm:|secrets ?manager|secretsmanager:|GetParameters|GetSecretValue/i,
    hint:
      "the project's service role must be allowed ssm:GetParameters or secretsmanager:GetSecretValue (and " +
      "kms:Decrypt), and the parameter or secret must exist in this region",
  },
  {
    when: /^QUEUED.*TIMED_OUT|TIMED_OUT.{0,200}QUEUED/s,
    hint: "no machine was free in time: raise --queued-timeout, or the account's quota for concurrent builds",
  },
  {
    when: /PROVISIONING/,
    hint:
      "check the project's VPC, subnets, security groups and build image; privileged mode needs a container " +
      "environment type",
  },
  {
    when: /^INSTALL[\s\S]*COMMAND_EXECUTION_ERROR/,
    hint:
      "the build could not install the runner: check --release-url, and that the build can reach it (VPC, proxy, NAT)",
  },
  {
    when: /^PRE_BUILD[\s\S]*COMMAND_EXECUTION_ERROR/,
    hint: "the agent could not bring the runner online; its own error and hint stand in the build's log",
  },
  { when: /TIMED_OUT/, hint: "raise --timeout or CODEBUILD_TIMEOUT, the build timeout" },
  { when: /STOPPED/, hint: "somebody or something stopped the build; CloudTrail's StopBuild event says who" },
  {
    when: /^ *SUCCEEDED$/,
    hint:
      "the project's own buildspec does not run the agent: see start-runner buildspec for what it has to run",
  },
  { when: /FAULT/, hint: "CodeBuild itself failed; run the step again" },
];

/** Of a build on a fleet, in place of a quota. */
export const FLEET_FULL =
  "no machine of the fleet was free in time: raise its capacity or --queued-timeout, set its overflow to " +
  "ON_DEMAND, or leave --fleet out";
const GENERAL = "look at the build in the console; the link is above";

/** What to change so that the next build gets further, by what is known of the one that ended. */
export function symptomHint(build: Build): string {
  const phase = failedPhase(build);
  const contexts = (phase?.contexts ?? []).map(({ statusCode, message }) => `${statusCode} ${message}`);
  const fleet = build.environment?.fleet?.fleetArn;
  if (fleet !== undefined && phase?.phaseType === "QUEUED") return FLEET_FULL;
  const text = [phase?.phaseType, phase?.phaseStatus, ...contexts, build.buildStatus].join(" ");
  return SYMPTOMS.find(({ when }) => when.test(text))?.hint ?? GENERAL;
}
