import assert from "node:assert/strict";
import { regionProblem } from "../../../cli/facts/regions.ts";

const MEANT: readonly (readonly [name: string, meant: string | undefined])[] = [
  ["eu-west-11", "eu-west-1"],
  ["eu-wset-1", "eu-west-1"],
  ["us-est-1", "us-east-1"],
  ["eu-centrl-1", "eu-central-1"],
  ["ap-southest-2", "ap-southeast-2"],
  ["xx-nowhere-far-away-9", undefined],
];
for (const [name, meant] of MEANT) {
  Deno.test(`\`regionProblem()\` takes ${name} for ${meant ?? "a region that may be new"}`, () => {
    const problem = regionProblem(name) ?? "";
    assert.match(problem, new RegExp(`^there was no AWS region ${name} in \\w+ \\d{4}`));
    assert.equal(/did you mean (.*)\?/.exec(problem)?.[1], meant);
  });
}

Deno.test("`regionProblem()` has nothing against regions of all partitions", () => {
  for (const name of ["eu-west-1", "us-gov-west-1", "cn-north-1", "eusc-de-east-1"]) {
    assert.equal(regionProblem(name), undefined);
  }
});
