import assert from "node:assert/strict";
import {
  isValidLabel,
  labelList,
  labelProblems,
  MOST_USER_LABELS,
  splitLabels,
} from "../../../shared/settings/labels_rules.ts";

Deno.test("`splitLabels()` drops blanks, empty entries and repetitions", () => {
  assert.deepEqual(splitLabels(" a, b,,a ,"), ["a", "b"]);
});

Deno.test("`labelProblems()` names each label and the rule it breaks", () => {
  assert.deepEqual(labelProblems(["a", "gpu.2", "1"]), []);
  assert.deepEqual(labelProblems(["A", "x".repeat(51)]), [
    "Label «A» has other characters than lowercase letters, digits and dots",
    `Label «${"x".repeat(51)}» has more than 50 characters`,
  ]);
  assert.deepEqual(labelProblems(["x".repeat(50)]), []);
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
  assert.throws(() => labelList("a,b_c"), /Label «b_c»/);
});

Deno.test("`isValidLabel()` knows that Bitbucket takes no underscore", () => {
  assert.equal(isValidLabel("arm64"), true);
  assert.equal(isValidLabel("x86_64"), false);
});
