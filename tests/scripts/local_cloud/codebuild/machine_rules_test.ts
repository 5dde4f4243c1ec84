import assert from "node:assert/strict";
import { type BuildMachine, checkMachine } from "../../../../scripts/local_cloud/codebuild/machine_rules.ts";

const X86 = "aws/codebuild/amazonlinux-x86_64-standard:5.0";
const ARM = "aws/codebuild/amazonlinux-aarch64-standard:3.0";
const X86_AMI = "aws/codebuild/ami/amazonlinux-x86_64-base:latest";
const ARM_AMI = "aws/codebuild/ami/amazonlinux-arm-base:latest";

const CASES: [
  image: string,
  type: string,
  size: string,
  privileged: boolean | undefined,
  refusal: RegExp | undefined,
][] = [
  [X86, "LINUX_CONTAINER", "XLARGE", true, undefined],
  [X86, "LINUX_GPU_CONTAINER", "LARGE", undefined, undefined],
  [ARM, "ARM_CONTAINER", "SMALL", undefined, undefined],
  [
    ARM,
    "LINUX_CONTAINER",
    "SMALL",
    undefined,
    /curated image .*aarch64.* is not supported .* LINUX_CONTAINER/,
  ],
  ["debian:12", "ARM_CONTAINER", "SMALL", true, undefined],
  [X86_AMI, "LINUX_EC2", "LARGE", undefined, undefined],
  [ARM_AMI, "ARM_EC2", "SMALL", false, undefined],
  [ARM_AMI, "LINUX_EC2", "SMALL", undefined, /curated image/],
  [X86_AMI, "LINUX_CONTAINER", "SMALL", undefined, /curated image/],
  [X86, "LINUX_EC2", "SMALL", undefined, /curated image/],
  ["debian:12", "LINUX_EC2", "SMALL", undefined, /: Image debian:12 is not supported/],
  [X86_AMI, "LINUX_EC2", "XLARGE", undefined, /Compute type BUILD_GENERAL1_XLARGE is not supported/],
  [X86_AMI, "LINUX_EC2", "SMALL", true, /Privileged mode is not supported/],
];

for (const [image, environmentType, size, privilegedOverride, refusal] of CASES) {
  const words = `${image} on ${environmentType} ${size}${privilegedOverride ? ", privileged" : ""}`;
  Deno.test(`A build may ${refusal === undefined ? "" : "not "}run with ${words}`, () => {
    const machine: BuildMachine = {
      image,
      environmentType,
      computeType: `BUILD_GENERAL1_${size}`,
      privilegedOverride,
    };
    const check = () => checkMachine(machine, undefined);
    if (refusal === undefined) check();
    else assert.throws(check, ({ message }: Error) => refusal.test(message));
  });
}

Deno.test("What says nothing of a size takes a fleet, which must be of the build's type", () => {
  const machine: BuildMachine = {
    image: X86,
    environmentType: "LINUX_CONTAINER",
    computeType: "CUSTOM_INSTANCE_TYPE",
    privilegedOverride: undefined,
  };
  const fleet = {
    name: "f1",
    id: "1",
    computeType: "CUSTOM_INSTANCE_TYPE",
    baseCapacity: 1,
    overflowBehavior: "QUEUE",
  } as const;
  assert.throws(() => checkMachine(machine, undefined), /only supported with a fleet/);
  checkMachine(machine, { ...fleet, environmentType: "LINUX_CONTAINER" });
  assert.throws(
    () => checkMachine(machine, { ...fleet, environmentType: "ARM_CONTAINER" }),
    /fleet f1 is ARM_CONTAINER/,
  );
});
