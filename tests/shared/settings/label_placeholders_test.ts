import assert from "node:assert/strict";
import { labelProblems } from "../../../shared/settings/labels_rules.ts";
import {
  fillLabels,
  hasPlaceholder,
  labelTemplates,
  type LabelValues,
  mayComeTo,
  templateProblems,
} from "../../../shared/settings/label_placeholders.ts";
import fc from "fast-check";

const HEX = "0123456789abcdef0123456789abcdef01234567";
const STEP = { pipelineUuid: "{1B2C3D4E-0000-4000-8000-00000000000a}", commit: HEX, branch: "main" };
const PIPELINE = "p1b2c3d4e00004000800000000000000a";

const FILLED: readonly (readonly [templates: string, labels: string, values?: LabelValues])[] = [
  ["gpu", "gpu"],
  ["{pipeline}", PIPELINE],
  ["{commit}", HEX],
  ["{branch}", "main"],
  ["app.{branch}", "app.main"],
  ["a.{branch}.{branch},{pipeline},gpu", `a.main.main,${PIPELINE},gpu`],
  ["{branch},main", "main"],
  ["{branch}", "feature.bb.12.fix.it", { branch: "Feature/BB-12__fix--it!" }],
  ["x{branch}y", "xa.by", { branch: "..a//b.." }],
  ["{branch}", "x".repeat(50), { branch: "x".repeat(60) }],
  ["app.{branch}", `app.${"x".repeat(45)}`, { branch: `${"x".repeat(45)}-y` }],
  ["{branch}.{branch}", `${"x".repeat(24)}.${"x".repeat(24)}`, { branch: "x".repeat(60) }],
  ["{branch}", "b.linux.next", { branch: "linux/next" }],
  ["{branch}.x", `b.windows11${"y".repeat(37)}.x`, { branch: `windows11${"y".repeat(60)}` }],
  ["app.{branch}", "app.linux", { branch: "linux" }],
];

Deno.test("`fillLabels()` makes of each placeholder what Bitbucket takes as a label", () => {
  for (const [templates, labels, values] of FILLED) {
    const filled = fillLabels(labelTemplates(templates), { ...STEP, ...values });
    assert.deepEqual(filled, { labels: labels.split(","), problems: [] }, templates);
    assert.deepEqual(labelProblems(filled.labels), []);
  }
});

Deno.test("`fillLabels()` makes a legal label of every branch that has a letter or a digit", () => {
  fc.assert(fc.property(
    fc.string({ minLength: 1, maxLength: 80, unit: "binary" }),
    fc.constantFrom("{branch}", "app.{branch}", "{branch}.{branch}", "linuz{branch}", "{branch}.{pipeline}"),
    (branch, template) => {
      const { labels, problems } = fillLabels([template], { ...STEP, branch });
      assert.deepEqual(labelProblems(labels), []);
      assert.equal(problems.length, /[a-z0-9]/.test(branch.toLowerCase()) ? 0 : 1);
    },
  ));
});

const UNFILLED: readonly (readonly [templates: string, values: LabelValues, problem: RegExp])[] = [
  [
    "app.{branch}",
    { branch: undefined, tag: "v1" },
    /^Cannot fill in \{branch\} in --label or RUNNER_LABEL: the pipeline is for the tag «v1», so use \{commit\} or \{pipeline\}$/,
  ],
  ["{branch},x.{branch}", { branch: undefined }, /: BITBUCKET_BRANCH is not set, so use \{commit\}/],
  ["{branch}", { branch: "功能" }, /: no letter or digit of a label is in the branch's name «功能», so use/],
  ["{commit}", { commit: "" }, /: BITBUCKET_COMMIT is not set, so use \{pipeline\}$/],
  [
    "{commit}",
    { commit: "HEAD" },
    /^Cannot use the labels of --label or RUNNER_LABEL, filled in: Label «HEAD»/,
  ],
];

Deno.test("`fillLabels()` says once what the step lacks, and what to use instead", () => {
  for (const [templates, values, problem] of UNFILLED) {
    const { problems } = fillLabels(labelTemplates(templates), { ...STEP, ...values });
    assert.equal(problems.length, 1, templates);
    assert.match(problems[0] ?? "", problem);
  }
});

const REFUSED: readonly (readonly [label: string, problem: string])[] = [
  ["a.{tag}", "Label «a.{tag}» has «{tag}», but there are only {pipeline}, {commit} and {branch}"],
  ["{Commit}", "Label «{Commit}» has «{Commit}», but there are only {pipeline}, {commit} and {branch}"],
  ["toString{toString}", "Label «toString{toString}» has «{toString}», but there are only"],
  ["{commit", "Label «{commit» has other characters than lowercase letters, digits and dots"],
  ["a_{branch}", "Label «a_{branch}» has other characters"],
  ["{branch}..x", "Label «{branch}..x» has a dot that does not stand between two other characters"],
  ["linux.{branch}", "Label «linux.{branch}» begins with one of the words that Bitbucket reserves"],
  ["my.service.{commit}", "Label «my.service.{commit}» has more than 50 characters"],
  ["{commit}.{pipeline}", "Label «{commit}.{pipeline}» has more than 50 characters"],
  ["{branch}.{commit}..", "Label «{branch}.{commit}..» has a dot that does not stand"],
];

Deno.test("`templateProblems()` tells what is wrong whatever the step is, by the label as it is written", () => {
  for (const [label, problem] of REFUSED) {
    const [first = "", ...others] = templateProblems([label]);
    assert.ok(first.startsWith(problem), first);
    assert.deepEqual(others, []);
    assert.throws(() => labelTemplates(label), (error: Error) => error.message.includes(problem));
  }
  assert.deepEqual(templateProblems(["a.{branch}", "{commit}", "{pipeline}", "{branch}{branch}"]), []);
  assert.equal(templateProblems("abcdefghi".split("")).length, 1);
});

const POSSIBLE: readonly (readonly [template: string, label: string, possible: boolean])[] = [
  ["{commit}", HEX, true],
  ["{commit}", "gpu", false],
  ["{pipeline}", PIPELINE, true],
  ["{pipeline}", HEX, false],
  ["app.{branch}", "app.main", true],
  ["app.{branch}", "app.", false],
  ["app.{branch}", "web.main", false],
  ["{branch}.x.{branch}", "main.x.main", true],
  ["gpu", "gpu", true],
  ["gpu", "cpu", false],
];

Deno.test("`mayComeTo()` tells which labels a template may come to", () => {
  for (const [template, label, possible] of POSSIBLE) {
    assert.equal(mayComeTo(template, label), possible, `${template} ${label}`);
  }
  assert.deepEqual(["{commit}", "a.{branch}", "{tag}", "gpu"].map(hasPlaceholder), [
    true,
    true,
    false,
    false,
  ]);
});
