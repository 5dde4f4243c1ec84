import assert from "node:assert/strict";
import { buildMachine, machineFindings } from "../../../../cli/doctor/machine/machine_findings.ts";
import { sampleConfig, verdicts } from "../sample_config.ts";

const MEDIUM = {
  type: "LINUX_CONTAINER",
  image: "aws/codebuild/amazonlinux-x86_64-standard:5.0",
  computeType: "BUILD_GENERAL1_MEDIUM",
} as const;

type Change = Readonly<Record<string, unknown>>;

const CASES: readonly (readonly [string, Change, Record<string, string>, readonly string[]])[] = [
  ["the documented one", {}, {}, ["ok image", "ok size"]],
  ["an older image that will do", { image: "aws/codebuild/standard:7.0" }, {}, ["ok image", "ok size"]],
  [
    "Amazon Linux 2023 under its first name",
    { image: "aws/codebuild/amazonlinux2-x86_64-standard:5.0" },
    {},
    ["ok image", "ok size"],
  ],
  ["Amazon Linux 2", { image: "aws/codebuild/amazonlinux2-x86_64-standard:3.0" }, {}, [
    "FAIL image",
    "ok size",
  ]],
  ["Windows", { image: "aws/codebuild/windows-base:2022-1.0" }, {}, ["FAIL image", "ok size"]],
  ["an image of one's own", { image: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/ci" }, {}, [
    "ok image",
    "ok size",
  ]],
  ["a small one", { computeType: "BUILD_GENERAL1_SMALL" }, {}, ["ok image", "FAIL size"]],
  ["one with 2 GB for each of several runners", {}, { RUNNER_COUNT: "4" }, ["ok image", "ok size"]],
  ["one with less for each of several runners", {}, { RUNNER_COUNT: "5" }, ["ok image", "FAIL size"]],
  ["a small one, enlarged by the start", { computeType: "BUILD_GENERAL1_SMALL" }, {
    CODEBUILD_COMPUTE_TYPE: "large",
  }, ["ok image", "ok size"]],
  ["one made small by the start", {}, { CODEBUILD_COMPUTE_TYPE: "small" }, ["ok image", "FAIL size"]],
  [
    "one whose memory nobody knows",
    { type: "LINUX_GPU_CONTAINER" },
    {},
    ["ok image", "unknown size"],
  ],
  ["another architecture", { type: "ARM_CONTAINER" }, {}, ["FAIL image", "ok size"]],
  [
    "another architecture, by the start's image",
    { type: "ARM_CONTAINER" },
    { CODEBUILD_IMAGE: MEDIUM.image },
    ["ok image", "ok size"],
  ],
  ["privileged, for Docker", { privilegedMode: true }, { RUNNER_TYPE: "docker" }, [
    "ok image",
    "ok size",
    "ok privileged",
  ]],
  ["not privileged, for Docker", {}, { RUNNER_TYPE: "docker" }, ["ok image", "ok size", "FAIL privileged"]],
  [
    "a machine of its own, for Docker",
    { type: "LINUX_EC2", image: "aws/codebuild/ami/amazonlinux-x86_64-base:latest" },
    { RUNNER_TYPE: "docker" },
    ["ok image", "ok size", "ok privileged"],
  ],
  ["a container's image on a machine of its own", { type: "LINUX_EC2" }, {}, ["FAIL image", "ok size"]],
  ["somebody's image on a machine of its own", { type: "LINUX_EC2", image: "debian:12" }, {}, [
    "unknown image",
    "ok size",
  ]],
];

for (const [what, change, env, expected] of CASES) {
  Deno.test(`the machine: ${what}`, () => {
    const config = sampleConfig(env);
    const machine = buildMachine(config, { environment: { ...MEDIUM, ...change } });
    assert.deepEqual(verdicts(machineFindings(config, machine)), expected);
  });
}

Deno.test("the machine: a fleet's goes before the project's", () => {
  const fleet = {
    environmentType: "ARM_CONTAINER",
    computeType: "ATTRIBUTE_BASED_COMPUTE",
    computeConfiguration: { memory: 4 },
  } as const;
  const machine = buildMachine(sampleConfig(), { environment: MEDIUM }, fleet);
  assert.equal(machine.environmentType, "ARM_CONTAINER");
  assert.deepEqual(verdicts(machineFindings(sampleConfig(), machine)), ["FAIL image", "FAIL size"]);
});

Deno.test("the machine: what neither the start nor the project says is unknown", () => {
  const config = sampleConfig({ RUNNER_TYPE: "docker" });
  assert.deepEqual(verdicts(machineFindings(config, buildMachine(config, undefined))), [
    "unknown image",
    "unknown size",
    "unknown privileged",
  ]);
});
