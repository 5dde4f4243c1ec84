import assert from "node:assert/strict";
import fc from "fast-check";
import { urlPart } from "../../../shared/program/url_part.ts";

Deno.test("`urlPart()` is one part of a path, whatever the value", () => {
  const values = [
    fc.string({ unit: "binary" }),
    fc.constantFrom("", ".", "..", "../..", "%2e%2e", "a/b", "a?b#c", "\ud800", "http://x/", "\\", "{u}"),
  ];
  fc.assert(fc.property(fc.oneof(...values), (value) => {
    const url = new URL(`https://host.test/before/${urlPart(value)}/after`);
    assert.equal(url.host, "host.test");
    assert.deepEqual([url.search, url.hash], ["", ""]);
    const parts = url.pathname.split("/");
    assert.deepEqual([parts.length, parts[1], parts[3]], [4, "before", "after"]);
    if (!/^\.{0,2}$/.test(value)) assert.equal(decodeURIComponent(parts[2] ?? ""), value.toWellFormed());
  }));
});
