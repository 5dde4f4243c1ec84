import assert from "node:assert/strict";
import manifest from "../../../deno.json" with { type: "json" };
import { COMMIT, VERSION, versionLine } from "../../../shared/program/version.ts";

Deno.test("VERSION is the semantic version that deno.json names", () => {
  assert.equal(VERSION, manifest.version);
  assert.match(VERSION, /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/);
});

Deno.test("`versionLine()` says that a program runs from source", () => {
  assert.equal(COMMIT, undefined);
  assert.equal(versionLine("start-runner"), `start-runner ${VERSION} (from source)`);
});
