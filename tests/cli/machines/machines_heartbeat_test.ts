import assert from "node:assert/strict";
import { MachinesHeartbeat } from "../../../cli/machines/machines_heartbeat.ts";

Deno.test("`MachinesHeartbeat` counts what is waited for, with the phase of the first that is not online", () => {
  const told: string[] = [];
  const all = new MachinesHeartbeat({ waitsFor: (phase, words) => void told.push(`${phase} ${words}`) });
  all.of(1).waitsFor("QUEUED", "queued");
  all.of(2).waitsFor("QUEUED", "queued");
  all.of(3).waitsFor("StartBuild", "at the concurrent-build limit");
  all.of(1).waitsFor("PROVISIONING", "provisioning");
  all.isOnline(1);
  all.isOver(3);
  all.isOnline(2);
  assert.deepEqual(told, [
    "QUEUED machines: 1 queued",
    "QUEUED machines: 2 queued",
    "QUEUED machines: 2 queued, 1 at the concurrent-build limit",
    "PROVISIONING machines: 1 provisioning, 1 queued, 1 at the concurrent-build limit",
    "QUEUED machines: 1 online, 1 queued, 1 at the concurrent-build limit",
    "QUEUED machines: 1 online, 1 queued",
  ]);
});
