import assert from "node:assert/strict";
import type { Installation } from "../../../cli/templates/installation.ts";
import { architectureOf, installationProblems } from "../../../cli/templates/installation_problems.ts";
import { INSTALLATION, VARIANTS } from "./sample_installation.ts";

Deno.test("`installationProblems()` has nothing against what the templates' tests make", () => {
  assert.deepEqual(Object.values(VARIANTS).flatMap(installationProblems), []);
});

const PROBLEMS: readonly (readonly [Partial<Installation>, RegExp])[] = [
  [{ account: "12345" }, /^Cannot use «12345» for the account: it has 12 digits/],
  [{ project: "ci*" }, /^Cannot use "ci\*" for the project/],
  [{ startRole: "r".repeat(65) }, /^Cannot call a role «r+»: IAM takes 64 characters/],
  [{ startRole: "ci-build" }, /^Cannot call both roles «ci-build»/],
  [
    { image: "aws/codebuild/amazonlinux-aarch64-standard:3.0" },
    /^Cannot use this image: .* runs on ARM_CONTAINER/,
  ],
  [{ runnerTypes: [] }, /^Missing runner types/],
  [
    { ownVariables: Array.from({ length: 300 }, (_, index) => `A_VARIABLE_OF_OURS_CALLED_${index}`) },
    /^Cannot write the policy of start-runner: it has \d+ characters, IAM takes 10240/,
  ],
];

for (const [change, expected] of PROBLEMS) {
  Deno.test(`\`installationProblems()\` says ${expected.source.replaceAll("\\", "")}`, () => {
    const problems = installationProblems({ ...INSTALLATION, ...change });
    assert.equal(problems.length, 1, problems.join("\n"));
    assert.match(problems[0] ?? "", expected);
  });
}

Deno.test("`architectureOf()` goes by the image where that says it, else by the environment", () => {
  const image = "aws/codebuild/amazonlinux-aarch64-standard:3.0";
  assert.equal(architectureOf({ image, environmentType: "LINUX_CONTAINER" }), "arm64");
  assert.equal(architectureOf({ image: "debian:12", environmentType: "ARM_EC2" }), "arm64");
  assert.equal(architectureOf({ image: "debian:12", environmentType: "LINUX_GPU_CONTAINER" }), "x86_64");
});
