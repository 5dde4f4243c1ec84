import assert from "node:assert/strict";
import type { LocalCloud } from "../../scripts/local_cloud/start_local_cloud.ts";
import { buildsOf, exitCodeOf, flowEnded } from "../../scripts/soak/flow.ts";
import { flowLog } from "../../scripts/soak/flow_log.ts";
import { leftoversOf } from "../../scripts/local_cloud/leftovers.ts";
import { withTemporaryFolder } from "../fixtures/temporary_folder.ts";
import { withFlowWorld } from "./flow_world.ts";

type Moment = (cloud: LocalCloud) => Promise<unknown>;

const MOMENTS: Readonly<Record<string, Moment>> = {
  "before the runner is registered": ({ happenings }) =>
    happenings.until("build phase", { where: ({ phase }) => phase === "PRE_BUILD" }),
  "while the runner is being registered": ({ happenings }) => happenings.until("runner registered"),
};

const canMount = await mountable();

for (const [name, moment] of Object.entries(MOMENTS)) {
  const reason = canMount ? "" : " (skipped: no folder can be mounted here)";
  Deno.test({
    name: `a disk that is full ${name} fails the build with the reason, and nothing is left${reason}`,
    ignore: !canMount,
    fn: async () => {
      await withTinyDisk(async (disk) => {
        await withFlowWorld({}, async ({ cloud, start }) => {
          // The runner is not online before the disk is full.
          cloud.faults.inject({ call: "GetRunner", kind: "hang" });
          const variables = { RUNNER_HOME: `${disk}/runner`, RUNNER_HAND_ON: "RUNNER_HOME" };
          const pipeline = start({ steps: ["true"], variables });
          await moment(cloud);
          await fill(disk);
          await flowEnded(cloud, pipeline);
          const log = flowLog(cloud, pipeline);
          assert.equal(exitCodeOf(pipeline), 5, log);
          // Who meets the full disk first, the agent or its runner, is a matter of milliseconds.
          const runnerMetIt = /error: The runner ended before it was online/.test(log);
          assert.match(log, /(error|warning): Cannot write \S+: No space left on device/);
          const hint = /hint: RUNNER_HOME must be a folder the build can write to, on a disk with space left/;
          assert.ok(runnerMetIt || hint.test(log), log);
          assert.deepEqual(leftoversOf(cloud), [], log);
        });
      });
    },
  });
}

Deno.test({
  name: `a step that fills the disk does not keep its runner, nor its build${
    canMount ? "" : " (skipped: no folder can be mounted here)"
  }`,
  ignore: !canMount,
  fn: async () => {
    await withTinyDisk(async (disk) => {
      await withFlowWorld({}, async ({ cloud, start }) => {
        const full = `cat /dev/zero > ${disk}/filler || sleep 2`;
        const pipeline = start({
          steps: [full],
          variables: { RUNNER_HOME: `${disk}/runner`, RUNNER_HAND_ON: "RUNNER_HOME" },
        });
        await flowEnded(cloud, pipeline);
        const log = flowLog(cloud, pipeline);
        assert.equal(pipeline.result, "SUCCESSFUL", log);
        assert.match(log, /warning: Cannot write \S+: No space left on device/);
        assert.deepEqual(buildsOf(cloud, pipeline).map(({ status }) => status), ["SUCCEEDED"], log);
        assert.deepEqual(leftoversOf(cloud), [], log);
      });
    });
  },
});

/** A disk that the installed files almost fill. */
async function withTinyDisk(body: (folder: string) => Promise<void>): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    await run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder);
    try {
      await body(folder);
    } finally {
      await run("umount", "-l", folder);
    }
  });
}

async function fill(folder: string): Promise<void> {
  const full = await Deno.open(`${folder}/filler`, { write: true, create: true });
  try {
    for (;;) await full.write(new Uint8Array(4096));
  } catch (error) {
    assert.match(String(error), /No space left on device/);
  } finally {
    full.close();
  }
}

async function mountable(): Promise<boolean> {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return false;
  return await withTinyDisk(() => Promise.resolve()).then(() => true, () => false);
}

async function run(command: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { args, stdout: "null", stderr: "piped" })
    .output();
  if (!success) throw new Error(`${command} failed: ${new TextDecoder().decode(stderr)}`);
}
