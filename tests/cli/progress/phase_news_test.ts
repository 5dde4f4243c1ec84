import assert from "node:assert/strict";
import { PhaseNews, phaseUnderWay, phaseWord, waits } from "../../../cli/progress/phase_news.ts";
import type { Build } from "../../../shared/aws/aws_codebuild.ts";

function build(...phases: readonly [type: string, status?: string, seconds?: number][]): Build {
  return {
    currentPhase: phases.at(-1)?.[0],
    phases: phases.map(([phaseType, phaseStatus, durationInSeconds]) => ({
      phaseType,
      phaseStatus,
      durationInSeconds,
    })),
  } as Build;
}

Deno.test("`PhaseNews` tells each phase once, when it has ended, and which of them were short", () => {
  const news = new PhaseNews();
  const told = (seen: Build) => news.ended(seen).map(({ message, brief }) => [message, brief]);
  assert.deepEqual(told(build(["SUBMITTED", "SUCCEEDED", 0], ["QUEUED"])), [["submitted 0 s", true]]);
  assert.deepEqual(told(build(["SUBMITTED", "SUCCEEDED", 0], ["QUEUED"])), []);
  assert.deepEqual(told(build(["QUEUED", "SUCCEEDED"], ["PRE_BUILD", "SUCCEEDED", 5], ["BUILD"])), [
    ["queued", true],
    ["runner 5 s", false],
  ]);
  assert.deepEqual(told(build(["PROVISIONING", "TIMED_OUT", 9])), [[
    "provisioning timed out after 9 s",
    false,
  ]]);
  assert.deepEqual(told(build(["INSTALL", "FAILED", 0])), [["install failed after 0 s", false]]);
});

Deno.test("`waits()` and `phaseUnderWay()` know what was waited for, and what is", () => {
  const seen = build(["QUEUED", "SUCCEEDED", 3], ["INSTALL", "SUCCEEDED", 0], ["PRE_BUILD", "FAILED", 4], [
    "BUILD",
  ]);
  assert.deepEqual(waits(seen), [["QUEUED", 3]]);
  assert.equal(phaseUnderWay(seen), "BUILD");
  assert.equal(phaseUnderWay(build(["COMPLETED"])), undefined);
  assert.equal(phaseUnderWay({}), undefined);
  assert.equal(phaseWord("DOWNLOAD_SOURCE"), "download source");
});
