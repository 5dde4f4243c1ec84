import assert from "node:assert/strict";
import { movement, parseVersion, type Version } from "../../../scripts/publish/version_order.ts";

function version(text: string): Version {
  const parsed = parseVersion(text);
  assert.ok(parsed !== undefined, text);
  return parsed;
}

for (
  const [own, published, isLatest, tags] of [
    ["1.0.0", [], true, ["1.0", "1", "latest"]],
    ["1.1.0", ["1.0.0", "1.0.1"], true, ["1.1", "1", "latest"]],
    ["1.0.2", ["1.0.1", "1.1.0", "2.0.0"], false, ["1.0"]],
    ["1.1.1", ["1.1.0", "2.0.0"], false, ["1.1", "1"]],
    ["1.0.10", ["1.0.9"], true, ["1.0", "1", "latest"]],
    ["1.0.1", ["1.0.2"], false, []],
    ["1.1.0", ["1.1.0"], true, ["1.1", "1", "latest"]],
    ["1.1.0", ["2.0.0-rc.1"], true, ["1.1", "1", "latest"]],
    ["2.0.0-rc.1", ["1.0.0"], false, []],
  ] as const
) {
  Deno.test(`${own} after ${published.join(", ") || "nothing"} moves ${tags.join(", ") || "no tag"}`, () => {
    assert.deepEqual(movement(version(own), published.map(version)), { isLatest, tags });
  });
}

Deno.test("`parseVersion()` takes nothing that is no version", () => {
  for (const text of ["", "1.0", "v1.0.0.0", "1.0.0+build", "latest", "1.0.0-", "vv1.0.0"]) {
    assert.equal(parseVersion(text), undefined, text);
  }
});
