import assert from "node:assert/strict";
import { cannotWrite } from "../../../agent/settings/cannot_write.ts";

Deno.test("a write that failed is worded with its place, its reason and what mends it", () => {
  const cause = new Error("disk full");
  const failure = cannotWrite("/runner/state.json", cause);
  assert.deepEqual([failure.message, failure.cause], ["Cannot write /runner/state.json: disk full", cause]);
  assert.match(failure.hint ?? "", /^RUNNER_HOME must be a folder/);
});
