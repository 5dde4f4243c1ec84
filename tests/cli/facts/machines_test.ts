import assert from "node:assert/strict";
import { LEAST_MEMORY_GB, machineOf, tightMemory } from "../../../cli/facts/machines.ts";

Deno.test("`machineOf()` tells which sizes have less memory than Atlassian asks for", () => {
  const small = machineOf({ environmentType: "ARM_CONTAINER", computeType: "BUILD_GENERAL1_SMALL" });
  const medium = machineOf({ environmentType: "LINUX_CONTAINER", computeType: "BUILD_GENERAL1_MEDIUM" });
  assert.ok(small !== undefined && small.memoryGb < LEAST_MEMORY_GB);
  assert.ok(medium !== undefined && medium.memoryGb >= LEAST_MEMORY_GB);
  assert.equal(machineOf({ environmentType: "LINUX_CONTAINER" }), undefined);
});

Deno.test("`tightMemory()` speaks of several runners with less than 2 GB each", () => {
  const large = { type: "LINUX_CONTAINER", computeType: "BUILD_GENERAL1_LARGE" };
  const cases = [
    [{ ...large, runners: 8 }, false],
    [{ ...large, runners: 9 }, true],
    [{ ...large, computeType: "BUILD_GENERAL1_SMALL", runners: 1 }, false],
    [{ ...large, computeType: "BUILD_GENERAL1_SMALL", runners: 4 }, true],
    [{ ...large, type: "MAC_ARM", runners: 32 }, false],
    [{ runners: 32 }, false],
  ] as const;
  for (const [machine, tight] of cases) {
    assert.equal(tightMemory(machine) !== undefined, tight, JSON.stringify(machine));
  }
  assert.match(
    tightMemory({ ...large, runners: 9 }) ?? "",
    /^9 runners share the 16 GB of memory of BUILD_GENERAL1_LARGE, and Atlassian asks for 8 GB/,
  );
});
