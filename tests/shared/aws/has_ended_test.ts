import assert from "node:assert/strict";
import { hasEnded } from "../../../shared/aws/has_ended.ts";

const TABLE = [
  [{}, false],
  [{ buildStatus: "IN_PROGRESS", buildComplete: false, currentPhase: "BUILD" }, false],
  [{ buildStatus: "SUCCEEDED", buildComplete: true, currentPhase: "COMPLETED" }, true],
  [{ buildStatus: "STOPPED", buildComplete: true }, true],
  [{ buildStatus: "STOPPED", currentPhase: "COMPLETED" }, true],
  [{ buildStatus: "FAILED", currentPhase: "POST_BUILD" }, false],
  [{ buildStatus: "STOPPED" }, false],
] as const;

for (const [build, expected] of TABLE) {
  Deno.test(`\`hasEnded()\` is ${expected} for ${JSON.stringify(build)}`, () => {
    assert.equal(hasEnded(build), expected);
  });
}
