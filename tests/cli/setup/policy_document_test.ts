import assert from "node:assert/strict";
import { allowing, type Condition } from "../../../cli/setup/policy_document.ts";
import { type AnyStatement, verdict } from "../../fixtures/iam/evaluate_policy.ts";
import { conditionsHold } from "../../fixtures/iam/policy_conditions.ts";
import type { Context } from "../../fixtures/iam/policy_pattern.ts";

Deno.test("`allowing()` makes a document of the current version that allows what it names and nothing else", () => {
  const document = allowing({ Sid: "Read", Action: "s3:Get*", Resource: "arn:aws:s3:::bucket/*" });
  assert.equal(document.Version, "2012-10-17");
  assert.equal(verdict(document, { action: "s3:GetObject", resource: "arn:aws:s3:::bucket/a" }), "allowed");
  assert.equal(
    verdict(document, { action: "s3:GetObject", resource: "arn:aws:s3:::other/a" }),
    "not allowed",
  );
  assert.equal(
    verdict(document, { action: "s3:PutObject", resource: "arn:aws:s3:::bucket/a" }),
    "not allowed",
  );
});

// What follows holds the evaluator of these tests against AWS's own words and examples.

const STATEMENTS: readonly (readonly [string, readonly AnyStatement[], string])[] = [
  ["a denial wins", [{ Effect: "Allow", Action: "*" }, { Effect: "Deny", Action: "s3:*" }], "denied"],
  ["actions are compared without case", [{ Effect: "Allow", Action: "S3:getobject" }], "allowed"],
  ["`NotAction` leaves out", [{ Effect: "Allow", NotAction: "s3:*" }], "not allowed"],
  ["`NotAction` takes the rest", [{ Effect: "Deny", NotAction: ["iam:*"] }], "denied"],
  [
    "`NotResource` leaves out",
    [{ Effect: "Allow", Action: "*", NotResource: "arn:aws:s3:::b/*" }],
    "allowed",
  ],
  [
    "a variable is filled in",
    [{ Effect: "Allow", Action: "*", Resource: "arn:aws:s3:::a/${aws:username}/?" }],
    "allowed",
  ],
  ["an unknown variable matches nothing", [
    { Effect: "Allow", Action: "*", Resource: "*${aws:x}" },
  ], "not allowed"],
  ["a default stands in", [
    { Effect: "Allow", Action: "*", Resource: "arn:aws:s3:::a/${aws:x, 'ann'}/1" },
  ], "allowed"],
  ["a literal star is no wildcard", [
    { Effect: "Allow", Action: "*", Resource: "arn:aws:s3:::a/${*}" },
  ], "not allowed"],
  ["somebody is meant", [
    { Effect: "Allow", Principal: { AWS: "arn:aws:iam::1:root" }, Action: "*" },
  ], "allowed"],
  ["somebody else is meant", [
    { Effect: "Allow", Principal: { Service: "arn:aws:iam::1:role/r" }, Action: "*" },
  ], "not allowed"],
];

for (const [name, Statement, expected] of STATEMENTS) {
  Deno.test(`the evaluator of policies knows: ${name}`, () => {
    const request = {
      action: "s3:GetObject",
      resource: "arn:aws:s3:::a/ann/1",
      principal: ["AWS", "arn:aws:iam::1:role/r"],
      context: { "aws:username": "ann" },
    } as const;
    assert.equal(verdict({ Statement }, request), expected);
  });
}

const NONE: Context = {};
const CONDITIONS: readonly (readonly [Condition, Context, boolean])[] = [
  [{ StringEquals: { "a:b": ["x", "y"] } }, { "A:B": "y" }, true],
  [{ StringEquals: { "a:b": "x*" } }, { "a:b": "xy" }, false],
  [{ StringEquals: { "a:b": "x" } }, NONE, false],
  [{ StringEqualsIfExists: { "a:b": "x" } }, NONE, true],
  [{ StringEqualsIfExists: { "a:b": "x" } }, { "a:b": "y" }, false],
  [{ StringNotEquals: { "a:b": "x" } }, NONE, true],
  [{ StringNotEquals: { "a:b": ["x", "y"] } }, { "a:b": "y" }, false],
  [{ StringLike: { "a:b": "x?z*" } }, { "a:b": "xyz" }, true],
  [{ StringNotLike: { "a:b": "x*" } }, { "a:b": "xyz" }, false],
  [{ Null: { "a:b": "true" } }, NONE, true],
  [{ Null: { "a:b": "true" } }, { "a:b": "x" }, false],
  [{ Null: { "a:b": "false" } }, { "a:b": "x" }, true],
  [{ Bool: { "a:b": "true" } }, { "a:b": "True" }, true],
  [{ Bool: { "a:b": "true" } }, NONE, false],
  [{ NumericEquals: { "a:b": "0" } }, { "a:b": "0" }, true],
  [{ NumericLessThan: { "a:b": "2" } }, { "a:b": "10" }, false],
  [{ ArnLike: { "a:b": "arn:aws:iam::*:role/*" } }, { "a:b": "arn:aws:iam::1:role/r" }, true],
  [{ "ForAllValues:StringEquals": { "a:b": ["x", "y"] } }, { "a:b": ["x", "y"] }, true],
  [{ "ForAllValues:StringEquals": { "a:b": ["x", "y"] } }, { "a:b": ["x", "z"] }, false],
  [{ "ForAllValues:StringEquals": { "a:b": "x" } }, NONE, true],
  [{ "ForAnyValue:StringEquals": { "a:b": "x" } }, { "a:b": ["x", "z"] }, true],
  [{ "ForAnyValue:StringEquals": { "a:b": "x" } }, NONE, false],
  // The three rows of AWS's example of tag keys, and one that mixes them.
  [{ "ForAllValues:StringNotLike": { "aws:TagKeys": "key1*" } }, { "aws:TagKeys": ["key1:legal"] }, false],
  [{ "ForAllValues:StringNotLike": { "aws:TagKeys": "key1*" } }, { "aws:TagKeys": ["key2:audit"] }, true],
  [{ "ForAllValues:StringNotLike": { "aws:TagKeys": "key1*" } }, NONE, true],
  [
    { "ForAllValues:StringNotLike": { "aws:TagKeys": "key1*" } },
    { "aws:TagKeys": ["key1:a", "key2:b"] },
    false,
  ],
];

Deno.test("the evaluator of policies knows the condition operators", () => {
  for (const [condition, context, expected] of CONDITIONS) {
    assert.equal(conditionsHold(condition, context), expected, JSON.stringify({ condition, context }));
  }
  assert.throws(() =>
    conditionsHold({ IpAddress: { "aws:SourceIp": "10.0.0.0/8" } }, { "aws:SourceIp": "x" })
  );
});
