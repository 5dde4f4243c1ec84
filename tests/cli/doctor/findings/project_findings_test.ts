import assert from "node:assert/strict";
import { projectFindings } from "../../../../cli/doctor/findings/project_findings.ts";
import type { Build, Project } from "../../../../shared/aws/aws_codebuild.ts";
import { awsCallError } from "../../../../shared/aws/aws_errors.ts";
import { sampleConfig, verdicts } from "../sample_config.ts";

const CASES:
  readonly (readonly [string, Partial<Project>, Record<string, string>, readonly string[], RegExp])[] = [
    [
      "the documented one",
      {},
      {},
      ["ok project", "ok source", "ok timeouts", "ok network"],
      /60 minutes.*480/,
    ],
    [
      "a source that each build fetches",
      { source: { type: "GITHUB" } },
      {},
      ["ok project", "ok source", "ok timeouts", "ok network"],
      /GITHUB: each build fetches.*NO_SOURCE/,
    ],
    [
      "a source that is wanted",
      { source: { type: "GITHUB" } },
      { CUSTOM_BUILDSPEC: "true" },
      ["ok project", "ok source", "ok timeouts", "ok network"],
      /^GITHUB undefined$/m,
    ],
    [
      "a limit that lets nothing through",
      { concurrentBuildLimit: 0 },
      {},
      ["ok project", "ok source", "ok timeouts", "FAIL limit", "ok network"],
      /lets no build run/,
    ],
    [
      "builds shorter than the wait for them",
      { timeoutInMinutes: 5 },
      {},
      ["ok project", "ok source", "ok timeouts", "ok network"],
      /waits longer.*--startup-timeout/,
    ],
    [
      "a VPC, whose routes only another service knows",
      { vpcConfig: { vpcId: "vpc-1", subnets: ["subnet-1", "subnet-2"], securityGroupIds: ["sg-1"] } },
      {},
      ["ok project", "ok source", "ok timeouts", "unknown network"],
      /aws ec2 describe-route-tables --region eu-west-1 .*Values=subnet-1,subnet-2/,
    ],
  ];

for (const [what, change, env, expected, said] of CASES) {
  Deno.test(`the project: ${what}`, () => {
    const project = { name: "ci", timeoutInMinutes: 60, queuedTimeoutInMinutes: 480, ...change };
    const findings = projectFindings(sampleConfig(env), { value: project }, { value: [] });
    assert.deepEqual(verdicts(findings), expected);
    assert.match(findings.map(({ detail, remedy }) => `${detail} ${remedy}`).join("\n"), said);
  });
}

Deno.test("the project: a build that has succeeded in the same subnets shows that they lead somewhere", () => {
  const vpcConfig = { vpcId: "vpc-1", subnets: ["subnet-1", "subnet-2"] };
  const network = (build: Build) => {
    const findings = projectFindings(sampleConfig(), { value: { name: "ci", vpcConfig } }, {
      value: [build],
    });
    return verdicts(findings).at(-1);
  };
  const swapped = { vpcId: "vpc-1", subnets: ["subnet-2", "subnet-1"] };
  assert.equal(network({ id: "ci:1", buildStatus: "SUCCEEDED", vpcConfig: swapped }), "ok network");
  assert.equal(network({ id: "ci:1", buildStatus: "FAILED", vpcConfig: swapped }), "unknown network");
  assert.equal(
    network({ id: "ci:1", buildStatus: "SUCCEEDED", vpcConfig: { subnets: ["subnet-1"] } }),
    "unknown network",
  );
  assert.equal(network({ id: "ci:1", buildStatus: "SUCCEEDED" }), "unknown network");
});

Deno.test("the project: one that may not be seen is unknown, one that CodeBuild does not answer for fails", () => {
  const answered = (name: string, status?: number) =>
    projectFindings(sampleConfig(), refusal("BatchGetProjects", name, status), { value: [] });
  const [denied] = answered("AccessDeniedException", 400);
  assert.equal(denied?.verdict, "unknown");
  assert.match(
    denied?.remedy ?? "",
    /allow codebuild:BatchGetProjects, or .*aws codebuild batch-get-projects --names ci/,
  );
  assert.deepEqual(verdicts(answered("TypeError")), ["FAIL project"]);
});

Deno.test("the project: who may list its builds alone hears so that there is none", () => {
  const denied = refusal("BatchGetProjects", "AccessDeniedException", 400);
  const listed = (name: string) =>
    verdicts(projectFindings(sampleConfig(), denied, refusal("ListBuildsForProject", name, 400)));
  assert.deepEqual(listed("ResourceNotFoundException"), ["FAIL project"]);
  assert.deepEqual(listed("AccessDeniedException"), ["unknown project"]);
});

function refusal(call: string, name: string, status?: number) {
  const fromAws = status === undefined ? {} : { $fault: "client", $metadata: { httpStatusCode: status } };
  return { error: awsCallError(call, Object.assign(new Error("what AWS says"), { name, ...fromAws })) };
}
