import assert from "node:assert/strict";
import { GrantedScopes, isGranted } from "../../../shared/calls/granted_scopes.ts";

const TABLE: readonly (readonly [scope: string, granted: string, is: boolean])[] = [
  ["runner:write", "runner:write pipeline", true],
  ["runner:write", "runner pipeline", false],
  ["runner", "runner:write", true],
  ["pipeline", "runner:write", false],
  ["pipeline", "pipeline:write", true],
  ["pipeline", "pipeline:variable", true],
  ["pipeline", "pipelines", false],
  ["runner:write", "read:runner:bitbucket, write:runner:bitbucket", true],
  ["runner:write", "write:runner:bitbucket", false],
  ["runner", "read:runner:bitbucket", true],
  ["pipeline", "read:pipeline:bitbucket", true],
  ["pipeline", "", false],
];

Deno.test("`isGranted()` knows both kinds of scopes, and which hold others", () => {
  for (const [scope, granted, is] of TABLE) {
    assert.equal(isGranted(scope, granted.split(/[, ]+/)), is, `${scope} of «${granted}»`);
  }
});

Deno.test("`GrantedScopes` keeps what was said last, and nothing where nothing was said", () => {
  const scopes = new GrantedScopes();
  for (const nothing of [undefined, null, "", " , "]) scopes.note(nothing);
  assert.equal(scopes.told, undefined);
  scopes.note("runner, pipeline:write");
  scopes.note(null);
  assert.deepEqual(scopes.told, ["runner", "pipeline:write"]);
});
