import assert from "node:assert/strict";
import type { Build } from "../../../../shared/aws/aws_codebuild.ts";
import { quotaFindings } from "../../../../cli/doctor/machine/quota_findings.ts";
import { sampleConfig, verdicts } from "../sample_config.ts";

const MACHINE = {
  image: undefined,
  environmentType: "LINUX_CONTAINER",
  computeType: "BUILD_GENERAL1_MEDIUM",
  privileged: undefined,
};

const CASES:
  readonly (readonly [quota: number, running: number, limit: number | undefined, string[], RegExp])[] = [
    [20, 0, undefined, ["ok quota", "ok builds"], /runs 20 builds .*0 builds of the project run/s],
    [1, 0, undefined, ["ok quota", "ok builds"], /runs 1 build .*a second start waits/s],
    [0, 0, undefined, ["FAIL quota", "ok builds"], /may run no build/],
    [20, 1, 1, ["ok quota", "ok builds"], /1 build of the project runs, which is all there is room for/],
    [3, 3, undefined, ["ok quota", "ok builds"], /a start now waits/],
  ];

for (const [quota, running, limit, expected, said] of CASES) {
  Deno.test(`a quota of ${quota} with ${running} running and a limit of ${limit ?? "none"}`, () => {
    const facts = { machine: MACHINE, quota: { value: quota }, builds: builds(running), limit };
    const findings = quotaFindings(sampleConfig(), facts);
    assert.deepEqual(verdicts(findings), expected);
    assert.match(findings.map(({ detail, remedy }) => `${detail} ${remedy}`).join("\n"), said);
  });
}

Deno.test("a quota that nobody knows the code of, and builds that nobody may list, are unknown", () => {
  const facts = {
    machine: { ...MACHINE, environmentType: "LINUX_EC2" },
    quota: undefined,
    builds: undefined,
    limit: undefined,
  };
  assert.deepEqual(verdicts(quotaFindings(sampleConfig(), facts)), ["unknown quota", "unknown builds"]);
});

Deno.test("of builds on a fleet the account's quota says nothing", () => {
  const facts = { machine: MACHINE, quota: undefined, builds: builds(0), limit: undefined, fleet: "f1" };
  const [found] = quotaFindings(sampleConfig(), facts);
  assert.equal(found?.verdict, "ok");
  assert.match(found?.detail ?? "", /fleet f1 go by its capacity/);
});

/** So many that run, and one that has ended. */
function builds(running: number): Build[] {
  return [
    ...Array.from({ length: running }, () => ({ buildStatus: "IN_PROGRESS" }) as const),
    { buildStatus: "SUCCEEDED", buildComplete: true },
  ];
}
