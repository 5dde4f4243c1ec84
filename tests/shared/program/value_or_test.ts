import assert from "node:assert/strict";
import { valueOr } from "../../../shared/program/value_or.ts";

Deno.test("a function that throws has the other value", () => {
  assert.equal(valueOr("none", () => "some"), "some");
  assert.equal(valueOr<unknown>("none", () => JSON.parse("{")), "none");
});
