import assert from "node:assert/strict";
import { fleetNote } from "../../../cli/wait/fleet_note.ts";
import type { LocalCloud } from "../../../scripts/local_cloud/start_local_cloud.ts";
import { playOnlineBuild } from "../builds/looked_at_builds.ts";
import { recordedLog } from "../../fixtures/recorded_log.ts";
import { FLEET_ARN } from "../../fixtures/servers/fleet.ts";
import { startOnFleet } from "../aws/fleet_start.ts";

const QUEUE = { args: ["--fleet", "builders", "--queued-timeout", "5"], codeBuild: { minuteMs: 300 } };

async function fill(cloud: LocalCloud): Promise<void> {
  cloud.codeBuild.projects.set("other", { name: "other", fleetArn: FLEET_ARN });
  await playOnlineBuild(cloud, { project: "other" });
}

Deno.test("`start()` says once why a build stays in the queue of a fleet, and in the end what would help", async () => {
  await startOnFleet({ ...QUEUE, before: fill }, ({ code, stderr }, cloud) => {
    assert.equal(code, 5, stderr);
    assert.equal(stderr.match(/The machines of fleet builders \(1 machine\) are busy/g)?.length, 1, stderr);
    assert.match(stderr, /^hint: no machine of the fleet was free in time: raise its capacity/m);
    // One for the ARN.
    assert.equal(cloud.requests.count({ call: "BatchGetFleets" }), 2);
  });
});

Deno.test("`start()` waits in the queue without a word of the fleet where nobody may look at that", async () => {
  const faults = [{ call: "BatchGetFleets", kind: "forbidden", times: Infinity }] as const;
  await startOnFleet({
    ...QUEUE,
    args: ["--fleet", FLEET_ARN, "--queued-timeout", "5"],
    before: fill,
    faults,
  }, ({ code, stderr }) => {
    assert.equal(code, 5, stderr);
    assert.doesNotMatch(stderr, /machines of fleet|BatchGetFleets/);
  });
});

Deno.test("`fleetNote()` is silent when its wait is over", async () => {
  const { log, text } = recordedLog();
  const session = { call: () => Promise.reject(new Error("over")) };
  await fleetNote({ session: session as never, log, signal: AbortSignal.abort() }, FLEET_ARN);
  assert.equal(text(), "");
});
