import assert from "node:assert/strict";
import { parseFault } from "../../../../scripts/local_cloud/server/fault_flag.ts";
import { FAULT_KINDS } from "../../../../scripts/local_cloud/server/faults.ts";

Deno.test("A fault of the command line names a call, a kind and how often it strikes", () => {
  const faults: [string, object][] = [
    ["StartBuild=throttling:3", { call: "StartBuild", kind: "throttling", times: 3 }],
    ["CreateRunner=429 with Retry-After", { call: "CreateRunner", kind: "429 with Retry-After", times: 1 }],
    ["*=reset-before:always", { call: "*", kind: "reset before", times: Infinity }],
  ];
  for (const [text, order] of faults) assert.deepEqual(parseFault(text), order);
  for (const kind of FAULT_KINDS) {
    assert.equal(parseFault(`GetRunner=${kind.replaceAll(" ", "-")}:2`).kind, kind);
  }
});

Deno.test("A fault with an unknown call, kind or number is refused with what there is", () => {
  const refused: [string, RegExp][] = [
    ["StartBuilds=throttling", /^Cannot use --fault StartBuilds=throttling: .*CALL=KIND.* StartBuild, /],
    ["throttling", /AssumeRoleWithWebIdentity, StartBuild, BatchGetBuilds/],
    ["StartBuild=slow", /a kind of 429, 429-with-retry-after, 500, .*forbidden$/],
    ["StartBuild=", /a kind of 429/],
    ["StartBuild=500:0", /a whole number of times, or always/],
    ["StartBuild=500:2.5", /a whole number of times, or always/],
  ];
  for (const [text, message] of refused) assert.throws(() => parseFault(text), { message });
});
