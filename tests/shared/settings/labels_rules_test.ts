import assert from "node:assert/strict";
import {
  labelList,
  labelProblems,
  MOST_USER_LABELS,
  splitLabels,
} from "../../../shared/settings/labels_rules.ts";

Deno.test("`splitLabels()` drops blanks, empty entries and repetitions", () => {
  assert.deepEqual(splitLabels(" a, b,,a ,"), ["a", "b"]);
});

Deno.test("`labelProblems()` finds nothing wrong with labels that Bitbucket takes", () => {
  assert.deepEqual(labelProblems(["a", "gpu.2", "1", "self.hosted", "arm64", "my.linux"]), []);
  assert.deepEqual(labelProblems(["x".repeat(50)]), []);
});

const BROKEN = [
  ["A", /has other characters than lowercase letters, digits and dots/],
  ["x86_64", /has other characters/],
  ["load-test", /has other characters/],
  [".a", /has a dot that does not stand between two other characters/],
  ["a.", /has a dot that does not stand/],
  ["a..b", /has a dot that does not stand/],
  ["x".repeat(51), /has more than 50 characters/],
  ["linux", /reserves \(bitbucket, atlassian, linux, windows, macos\)/],
  ["linux.shell", /reserves/],
  ["linuxfoo", /reserves/],
  ["bitbucket.x", /reserves/],
  ["atlassian", /reserves/],
  ["windows11", /reserves/],
  ["macos", /reserves/],
] as const;

for (const [label, rule] of BROKEN) {
  Deno.test(`\`labelProblems()\` names «${label}» and the rule it breaks`, () => {
    const [problem = "", ...others] = labelProblems([label]);
    assert.ok(problem.startsWith(`Label «${label}» `));
    assert.match(problem, rule);
    assert.deepEqual(others, []);
  });
}

Deno.test("`labelProblems()` says all that is wrong with a label", () => {
  assert.equal(labelProblems([`linux_.${"x".repeat(50)}.`]).length, 4);
});

Deno.test("`labelProblems()` leaves room for the labels that every runner carries", () => {
  const labels = Array.from({ length: MOST_USER_LABELS + 1 }, (_, index) => `l${index}`);
  assert.equal(labelProblems(labels.slice(1)).length, 0);
  assert.match(
    labelProblems(labels)[0] ?? "",
    /There are 9 labels, but Bitbucket takes 10 custom labels and up to 2/,
  );
});

Deno.test("`labelList()` refuses what breaks a rule", () => {
  assert.deepEqual(labelList("a,b"), ["a", "b"]);
  assert.throws(() => labelList("a,b_c"), /Label «b_c» has other characters than [^;]*\)$/);
});

Deno.test("`labelList()` says who fills in placeholders", () => {
  assert.throws(
    () => labelList("a,app.{branch}"),
    /Label «app\.\{branch\}» has other characters .*; start-runner alone fills in «app\.\{branch\}»: .* give --label/,
  );
});
