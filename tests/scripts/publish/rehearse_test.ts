import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { playFaults, rehearse } from "../../../scripts/publish/rehearsal/rehearse.ts";

const ASSETS = new Map(
  ["SHA256SUMS", "install-shell.sh", "start-runner-x86_64"].map((
    name,
  ) => [name, new TextEncoder().encode(name)]),
);

Deno.test("publishing is all or nothing whatever happens, and the next run mends what was left", async (t) => {
  const outcomes = await rehearse(ASSETS);
  for (const { name, wrong } of outcomes) {
    await t.step(name, () => assert.deepEqual(wrong, []));
  }
  const ended = new Set(outcomes.map(({ endings: [first] }) => first === "published"));
  assert.deepEqual(ended, new Set([true, false]), "some faults are outlived, others end a run");
});

Deno.test("faults in several calls at once leave nothing half either", async () => {
  const { wrong } = await playFaults([
    { call: "UploadAsset", kind: "reset after", times: 2 },
    { call: "PublishRelease", kind: "reset after", times: 4 },
    { call: "PutManifest", kind: "502", after: 4, times: 9 },
  ], new Map([["a", createHash("sha256").digest()]]));
  assert.deepEqual(wrong, []);
});
