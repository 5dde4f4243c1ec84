import assert from "node:assert/strict";
import { Descendants } from "../../../agent/process/descendants.ts";
import { launchDetached } from "../../../agent/process/launch_detached.ts";
import {
  listPids,
  listProcesses,
  type ProcessId,
  readArguments,
  readProcess,
} from "../../../agent/process/process_table.ts";
import { terminate } from "../../../agent/process/terminate.ts";
import { runnerEnvironment } from "../../../agent/runner/runner_environment.ts";
import { systemHost } from "../../../shared/program/system_host.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

let moments = 0;
const NEVER_THE_SAME_MOMENT = { monotonicMs: () => moments += 1000 };

interface Scene {
  readonly leader: ProcessId;
  readonly descendants: Descendants;
  /** Has the leader run a command of the shell. */
  readonly run: (command: string) => void;
  /** Waits until the looks show just these sleeps, each by its number of seconds. */
  readonly shows: (...seconds: number[]) => Promise<void>;
}

/** A leader that does what is written to its pipe, and looks at what it has running. */
async function withLeader(body: (scene: Scene) => Promise<void>): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    await new Deno.Command("mkfifo", { args: [`${folder}/orders`] }).output();
    const script = 'exec 3<>orders; while read -r order <&3; do eval "$order"; done';
    const leader = await launchDetached("/bin/sh", ["-c", script], {
      env: runnerEnvironment({ PATH: "/usr/bin:/bin" }),
      cwd: folder,
      outputFile: `${folder}/out`,
    });
    const descendants = new Descendants(NEVER_THE_SAME_MOMENT);
    const sleeps = () =>
      descendants.of(leader)?.map(({ pid }) => readArguments(pid)).filter(([name]) => name === "sleep")
        .map(([, seconds]) => Number(seconds)).sort();
    try {
      await body({
        leader,
        descendants,
        run: (command) => Deno.writeTextFileSync(`${folder}/orders`, `${command}\n`),
        async shows(...seconds) {
          let last: unknown;
          await eventually(`${seconds}`, () => `${last = sleeps()}` === `${seconds}` || undefined, 5000)
            .catch((error) => assert.fail(`${error}: ${last}`));
        },
      });
    } finally {
      for (const { pid } of descendants.of(leader) ?? []) Deno.kill(pid, "SIGKILL");
      await terminate(systemHost(), leader, 0);
    }
  });
}

Deno.test("`Descendants` shows what a process has running, deep and in other sessions too, and not itself", async () => {
  await withLeader(async ({ leader, descendants, run, shows }) => {
    await shows();
    assert.deepEqual(descendants.of(leader), []);
    run("sleep 1001 &");
    await shows(1001);
    run("setsid sh -c 'sleep 1002 & wait' &");
    await shows(1001, 1002);
    assert.equal(descendants.of(leader)?.some(({ pid }) => pid === leader.pid), false);
    const looks = Array.from({ length: 100 }, () => descendants.of(leader)?.length);
    assert.deepEqual([...new Set(looks)], [3]);
  });
});

Deno.test("`Descendants` shows no more what has ended, collected or not, nor what has left the process", async () => {
  await withLeader(async ({ leader, descendants, run, shows }) => {
    run("sleep 1003 & first=$!; sleep 1004 &");
    await shows(1003, 1004);
    run("kill $first");
    await shows(1004);
    // Its shell ends at once, so that it has another parent.
    run("sh -c 'sleep 1005 &'");
    run("sh -c 'sleep 1006 & read -r line <&3; exit'");
    await shows(1004, 1006);
    run("let the shell end");
    await shows(1004);
    const strays = listProcesses()?.filter(({ pid }) =>
      /^sleep 100[56]$/.test(readArguments(pid).join(" "))
    ) ?? [];
    assert.equal(strays.length, 2);
    for (const { pid } of strays) Deno.kill(pid, "SIGKILL");
    assert.equal(descendants.of(leader)?.length, 1);
  });
});

Deno.test("`Descendants` does not show what has ended and is not collected", async () => {
  await withLeader(async ({ leader, descendants, run, shows }) => {
    run("sh -c 'sleep 0 & exec sleep 1011' &");
    await shows(1011);
    const parent = descendants.of(leader)?.find(({ pid }) => readArguments(pid).includes("1011"))?.pid;
    await eventually("a zombie", () => {
      const entries = listPids()?.map(readProcess) ?? [];
      return entries.some((entry) => typeof entry === "object" && entry.zombie && entry.parent === parent) ||
        undefined;
    });
    assert.deepEqual(descendants.of(leader)?.map(({ pid }) => pid), [parent]);
  });
});

Deno.test("`Descendants` shows a process at once, however many others there are", async () => {
  await withLeader(async ({ leader, descendants, run, shows }) => {
    descendants.of(leader);
    descendants.of(leader);
    descendants.of(leader);
    for (const seconds of [1007, 1008, 1009]) {
      run(`sleep ${seconds} &`);
      await eventually(
        "the process",
        () => (descendants.of(leader)?.length ?? 0) > seconds - 1007 || undefined,
        1000,
      );
    }
    await shows(1007, 1008, 1009);
  });
});

Deno.test("`Descendants` of a process that is gone are none", async () => {
  await withLeader(async ({ leader, descendants, run, shows }) => {
    run("sleep 1010 &");
    await shows(1010);
    await terminate(systemHost(), leader, 1000);
    assert.deepEqual(descendants.of(leader), []);
  });
});

Deno.test("`Descendants` of several processes are told apart, and looked at but once in a moment", async () => {
  await withLeader(async (one) => {
    await withLeader(async (other) => {
      let now = 0;
      const both = new Descendants({ monotonicMs: () => now });
      const seconds = (leader: ProcessId) => both.of(leader)?.map(({ pid }) => readArguments(pid)[1]);
      assert.deepEqual([seconds(one.leader), seconds(other.leader)], [[], []]);
      one.run("sleep 1012 &");
      other.run("sleep 1013 &");
      await one.shows(1012);
      await other.shows(1013);
      assert.deepEqual([seconds(one.leader), seconds(other.leader)], [[], []], "the moment is the same");
      now += 1000;
      assert.deepEqual([seconds(one.leader), seconds(other.leader)], [["1012"], ["1013"]]);
      await terminate(systemHost(), one.leader, 1000);
      now += 1000;
      assert.deepEqual([seconds(one.leader), seconds(other.leader)], [[], ["1013"]]);
    });
  });
});

Deno.test("`Descendants` of a process that is looked at later than others are all there", async () => {
  await withLeader(async (one) => {
    await withLeader(async (other) => {
      other.run("sleep 1014 &");
      await other.shows(1014);
      let now = 0;
      const both = new Descendants({ monotonicMs: () => now });
      for (; now < 5000; now += 1000) assert.deepEqual(both.of(one.leader), []);
      assert.equal(both.of(other.leader)?.length, 1);
    });
  });
});
