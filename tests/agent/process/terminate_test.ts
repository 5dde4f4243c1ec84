import assert from "node:assert/strict";
import { launchDetached } from "../../../agent/process/launch_detached.ts";
import { listProcesses, type ProcessId, pulseOf } from "../../../agent/process/process_table.ts";
import { processFamily } from "../../../agent/process/process_family.ts";
import { terminate } from "../../../agent/process/terminate.ts";
import { runnerEnvironment } from "../../../agent/runner/runner_environment.ts";
import { systemHost } from "../../../shared/program/system_host.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

const env = runnerEnvironment({ PATH: "/usr/bin:/bin" });
const LONG_MS = 60_000;

/** Starts a script that prints «ready» once it is set up, and waits for that. */
async function start(folder: string, script: string): Promise<ProcessId> {
  const outputFile = `${folder}/out`;
  const process = await launchDetached("/bin/sh", ["-c", script], { env, cwd: folder, outputFile });
  await eventually("ready", async () => (await Deno.readTextFile(outputFile)).includes("ready") || undefined);
  return process;
}

async function output(folder: string): Promise<string> {
  return (await Deno.readTextFile(`${folder}/out`)).replaceAll("ready\n", "");
}

/** A child that says when it hears of its end, and that it is ready to. */
const CHILD = `sh -c 'trap "echo child told; exit" TERM; echo ready; while :; do sleep 0.05; done'`;

Deno.test("`terminate()` lets the leader shut down in order before its children hear of it", async () => {
  await withTemporaryFolder(async (folder) => {
    const script = `trap 'echo leader; kill -9 $!; exit 0' TERM; ${CHILD} & while :; do sleep 0.05; done`;
    const leader = await start(folder, script);
    assert.equal(await terminate(systemHost(), leader, LONG_MS), "stopped");
    assert.equal(await output(folder), "leader\n");
    assert.equal(pulseOf(leader), "dead");
  });
});

Deno.test("`terminate()` kills a leader that ignores SIGTERM, and its children", async () => {
  await withTemporaryFolder(async (folder) => {
    const leader = await start(folder, "trap '' TERM; sleep 1000 & echo ready; while :; do sleep 0.05; done");
    assert.equal(await terminate(systemHost(), leader, 100), "killed");
    assert.deepEqual(processFamily(listProcesses() ?? [], leader), []);
  });
});

Deno.test("`terminate()` ends children in sessions of their own", async () => {
  await withTemporaryFolder(async (folder) => {
    const leader = await start(
      folder,
      "setsid sh -c 'echo $$ > pid; echo ready; exec sleep 1000' & wait",
    );
    const pid = Number(await Deno.readTextFile(`${folder}/pid`));
    const child = listProcesses()?.find((entry) => entry.pid === pid);
    assert.ok(child);
    assert.notEqual(child.session, leader.pid);
    assert.equal(await terminate(systemHost(), leader, LONG_MS), "stopped");
    assert.equal(pulseOf(child), "dead");
  });
});

Deno.test("`terminate()` gives what the leader leaves behind a SIGTERM of its own", async () => {
  await withTemporaryFolder(async (folder) => {
    const leader = await start(folder, `${CHILD} & wait`);
    assert.equal(await terminate(systemHost(), leader, LONG_MS), "stopped");
    assert.match(await output(folder), /child told/);
  });
});

Deno.test("`terminate()` clears up behind a leader that is gone, and may be repeated", async () => {
  await withTemporaryFolder(async (folder) => {
    const leader = await start(folder, "sleep 1000 & echo ready");
    await eventually("leader gone", () => pulseOf(leader) === "dead" || undefined);
    assert.equal(processFamily(listProcesses() ?? [], leader).length, 1);
    assert.equal(await terminate(systemHost(), leader, LONG_MS), "was gone");
    assert.deepEqual(processFamily(listProcesses() ?? [], leader), []);
    assert.equal(await terminate(systemHost(), leader, LONG_MS), "was gone");
  });
});

Deno.test("`terminate()` leaves another process alone that got the leader's pid", async () => {
  await withTemporaryFolder(async (folder) => {
    const stranger = await start(folder, "echo ready; exec sleep 1000");
    const former = { pid: stranger.pid, startTime: `${Number(stranger.startTime) - 1}` };
    assert.equal(await terminate(systemHost(), former, LONG_MS), "was gone");
    assert.equal(pulseOf(stranger), "alive");
    assert.equal(await terminate(systemHost(), stranger, LONG_MS), "stopped");
  });
});
