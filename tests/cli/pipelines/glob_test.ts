import assert from "node:assert/strict";
import { matchesGlob } from "../../../cli/pipelines/glob.ts";

const PATTERNS: [pattern: string, matching: string[], others: string[]][] = [
  ["main", ["main"], ["Main", "main2", "a/main"]],
  ["*", ["main", ""], ["feature/x"]],
  ["**", ["main", "feature/x/y"], []],
  ["feature/*", ["feature/x"], ["feature/x/y", "feature"]],
  ["feature/**", ["feature/x", "feature/x/y"], ["feature"]],
  ["**/*.yml", ["a.yml", "a/b/c.yml"], ["a.yaml"]],
  ["{main,release/*}", ["main", "release/1"], ["release", "{main}"]],
  ["v?.[0-9]", ["v1.2"], ["v12.2", "v1.x", "v1x2"]],
  ["[!a]b", ["bb"], ["ab", "/b"]],
  ["[a-cx]", ["a", "b", "x"], ["d", "-", "[a-cx]"]],
  ["[-a]", ["-", "a"], ["b"]],
  ["[a-]", ["-", "a"], ["b"]],
  ["[!0-9]", ["a", "^"], ["5", "/", ""]],
  ["[^\\&]", ["^", "\\", "&"], ["a"]],
  ["a.b+(c)$^", ["a.b+(c)$^"], ["aXb+(c)$^"]],
  ["\\*", ["*"], ["a"]],
  ["größe-*", ["größe-1"], ["groesse-1"]],
  ["{", ["{"], ["a"]],
];

Deno.test("Patterns of branches, tags and files match as Bitbucket's do", () => {
  for (const [pattern, matching, others] of PATTERNS) {
    for (const name of matching) assert.ok(matchesGlob(pattern, name), `${pattern} matches ${name}`);
    for (const name of others) assert.ok(!matchesGlob(pattern, name), `${pattern} does not match ${name}`);
  }
});

Deno.test("a pattern of many stars takes no longer than its length, and a range that is none matches nothing", () => {
  assert.equal(matchesGlob(`${"*a".repeat(30)}b`, "a".repeat(200)), false);
  assert.equal(matchesGlob(`${"**a".repeat(30)}`, "a".repeat(200)), true);
  for (const name of ["m", "a", "z", "-", ""]) assert.equal(matchesGlob("[z-a]", name), false);
  assert.equal(matchesGlob("[!z-a]", "m"), false);
});
