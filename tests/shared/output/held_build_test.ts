import assert from "node:assert/strict";
import { type HeldBuild, heldLine, readHeldBuild } from "../../../shared/output/held_build.ts";

const HELD: HeldBuild = {
  phase: "pre_build",
  exitCode: 1,
  minutes: 30,
  until: "2026-11-29T12:31:37.120Z",
  sure: true,
};

Deno.test("`readHeldBuild()` reads what `heldLine()` writes, for people and in JSON", () => {
  for (const held of [HELD, { ...HELD, phase: "build", exitCode: 143, minutes: 480, sure: false }]) {
    assert.deepEqual(readHeldBuild(`12:01:37Z warning: ${heldLine(held)}`), held);
    assert.deepEqual(readHeldBuild(JSON.stringify({ level: "warning", message: heldLine(held) })), held);
  }
});

Deno.test("`readHeldBuild()` knows nothing of other lines", () => {
  for (const line of ["", "This build is not held, as RUNNER_DEBUG asks", heldLine(HELD).slice(0, -1)]) {
    assert.equal(readHeldBuild(line), undefined);
  }
});
