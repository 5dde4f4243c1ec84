import assert from "node:assert/strict";
import { parse } from "yaml";
import { samplePipeline } from "../../../cli/templates/sample_pipeline.ts";
import { runnerLabels } from "../../../shared/settings/runner_labels.ts";
import { RUNNER_TYPES } from "../../../shared/settings/runner_type.ts";

for (const type of RUNNER_TYPES) {
  for (const arch of ["x86_64", "arm64"]) {
    Deno.test(`the sample for ${type} on ${arch} asks for a runner that its first step starts`, () => {
      const steps = parse(samplePipeline(type, arch)).pipelines.default;
      const [{ step: first }, { step: second }] = steps;
      assert.equal(first.oidc, true);
      assert.match(first.image, new RegExp(`/aws-bitbucket-runner-${type}:`));
      assert.deepEqual(second["runs-on"], runnerLabels(type, arch, []));
      assert.equal(second.image !== undefined, type === "docker");
    });
  }
}
