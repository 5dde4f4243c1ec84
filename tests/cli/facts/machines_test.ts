import assert from "node:assert/strict";
import { LEAST_MEMORY_GB, machineOf } from "../../../cli/facts/machines.ts";

Deno.test("`machineOf()` tells which sizes have less memory than Atlassian asks for", () => {
  const small = machineOf({ environmentType: "ARM_CONTAINER", computeType: "BUILD_GENERAL1_SMALL" });
  const medium = machineOf({ environmentType: "LINUX_CONTAINER", computeType: "BUILD_GENERAL1_MEDIUM" });
  assert.ok(small !== undefined && small.memoryGb < LEAST_MEMORY_GB);
  assert.ok(medium !== undefined && medium.memoryGb >= LEAST_MEMORY_GB);
  assert.equal(machineOf({ environmentType: "LINUX_CONTAINER" }), undefined);
});
