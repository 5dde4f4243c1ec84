import assert from "node:assert/strict";
import { runnerLabels } from "../../../shared/settings/runner_labels.ts";

const TABLE = [
  { type: "shell", arch: "x86_64", labels: ["self.hosted", "linux.shell", "codebuild"] },
  { type: "shell", arch: "arm64", labels: ["self.hosted", "linux.shell", "codebuild", "arm64"] },
  { type: "docker", arch: "x86_64", labels: ["self.hosted", "linux", "codebuild"] },
  { type: "docker", arch: "arm64", labels: ["self.hosted", "linux.arm64", "codebuild"] },
] as const;

for (const { type, arch, labels } of TABLE) {
  Deno.test(`\`runnerLabels()\` labels a ${type} runner on ${arch}`, () => {
    assert.deepEqual(runnerLabels(type, arch, []), labels);
    assert.deepEqual(runnerLabels(type, arch, ["gpu", "codebuild", "big"]), [...labels, "gpu", "big"]);
  });
}
