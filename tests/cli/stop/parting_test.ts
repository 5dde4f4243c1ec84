import assert from "node:assert/strict";
import type { BuildPhase } from "../../../shared/aws/aws_codebuild.ts";
import { partingFrom } from "../../../cli/stop/parting.ts";

const running = (currentPhase: string, ...done: BuildPhase["phaseType"][]) => ({
  id: "ci:1",
  buildStatus: "IN_PROGRESS" as const,
  currentPhase,
  phases: done.map((phaseType) => ({ phaseType, phaseStatus: "SUCCEEDED" as const })),
});
const QUEUED = running("QUEUED");
const PRE_BUILD = running("PRE_BUILD");
const ENDED = { ...running("COMPLETED", "PRE_BUILD"), buildStatus: "FAILED" as const, buildComplete: true };
/** The runner was online, its build has failed since, and perhaps lets a step end. */
const FAILING = { ...running("POST_BUILD", "PRE_BUILD"), buildStatus: "FAILED" as const };

const TABLE = [
  ["a build that has ended", { fresh: ENDED, last: QUEUED, lastAgeMs: 0 }, "over"],
  ["a look that shows it queued", { fresh: QUEUED, last: QUEUED, lastAgeMs: 1e6 }, "stop"],
  ["a look that shows it in pre_build", { fresh: PRE_BUILD, last: QUEUED, lastAgeMs: 1e6 }, "stop"],
  ["a look that shows it in BUILD", { fresh: running("BUILD"), last: QUEUED, lastAgeMs: 0 }, "leave"],
  [
    "pre_build that has succeeded",
    { fresh: running("PRE_BUILD", "PRE_BUILD"), last: QUEUED, lastAgeMs: 0 },
    "leave",
  ],
  ["a failing build that was online", { fresh: FAILING, last: QUEUED, lastAgeMs: 0 }, "leave"],
  ["no look, online before", { fresh: undefined, last: running("BUILD"), lastAgeMs: 0 }, "leave"],
  ["no look, queued a moment ago", { fresh: undefined, last: QUEUED, lastAgeMs: 10_000 }, "stop"],
  ["no look, queued long ago", { fresh: undefined, last: QUEUED, lastAgeMs: 10_001 }, "leave"],
  ["no look, in pre_build a moment ago", { fresh: undefined, last: PRE_BUILD, lastAgeMs: 0 }, "leave"],
  ["no look, no phase", { fresh: undefined, last: { id: "ci:1" }, lastAgeMs: 0 }, "leave"],
] as const;

for (const [what, knowledge, expected] of TABLE) {
  Deno.test(`\`partingFrom()\` says «${expected}» given ${what}`, () => {
    assert.equal(partingFrom(knowledge).kind, expected);
  });
}
