import assert from "node:assert/strict";
import { buildRunners } from "../../../cli/progress/build_runners.ts";
import type { KnownBuild } from "../../../shared/aws/aws_codebuild.ts";

const UUID = "0a1b2c3d-0000-4000-8000-000000000001";

function told(value: string | undefined, type = "PLAINTEXT"): KnownBuild {
  const environmentVariables = value === undefined ? [] : [{ name: "RUNNER_COUNT", value, type }];
  return { id: `ci:${UUID}`, environment: { environmentVariables } } as unknown as KnownBuild;
}

Deno.test("`buildRunners()` names as many runners as the start asks for, else the project, else one", () => {
  assert.deepEqual(buildRunners(told("5"), { runners: 2 }), [`${UUID}-ci`, `${UUID}.2-ci`]);
  assert.equal(buildRunners(told("3")).length, 3);
  const one = [undefined, "", "0", "33", "many", "-1"].map((value) => told(value));
  for (const build of [...one, told("3", "PARAMETER_STORE")]) {
    assert.deepEqual(buildRunners(build), [`${UUID}-ci`]);
  }
});
