import assert from "node:assert/strict";
import {
  listProcesses,
  parseProcesses,
  pidsMentioning,
  processAlive,
  readArguments,
  readProcess,
} from "../../../agent/process/process_table.ts";
import { eventually } from "../../fixtures/eventually.ts";

Deno.test("`parseProcesses()` reads lines of /proc/PID/stat, whatever the program is called", () => {
  const tail = "0 -1 4194560 110 0 0 0 0 0 0 0 20 0 1 0 161870 2654208 348";
  assert.deepEqual(
    parseProcesses(
      [`12 (java) S 1 10 11 ${tail}`, `13 (a) b (c) Z 12 10 11 ${tail}`, "", "broken"].join("\n"),
    ),
    [
      { pid: 12, name: "java", zombie: false, parent: 1, group: 10, session: 11, startTime: "161870" },
      { pid: 13, name: "a) b (c", zombie: true, parent: 12, group: 10, session: 11, startTime: "161870" },
    ],
  );
});

Deno.test("`processAlive()` tells a process from a later one with the same pid", async () => {
  const self = await readProcess(Deno.pid);
  assert.ok(self);
  assert.equal(await processAlive(self), true);
  assert.equal(await processAlive({ pid: self.pid, startTime: `${Number(self.startTime) - 1}` }), false);
});

Deno.test("`processAlive()` counts a zombie as dead", async () => {
  // The shell turns into a sleep that never collects its child.
  const child = new Deno.Command("sh", {
    args: ["-c", "sh -c 'echo $$' & exec sleep 1000"],
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  const zombie = Number(new TextDecoder().decode((await reader.read()).value));
  try {
    const entry = await eventually("the child has ended", async () => {
      const found = await readProcess(zombie);
      return found?.zombie ? found : undefined;
    });
    assert.equal(await processAlive(entry), false);
    assert.equal((await listProcesses()).some(({ pid }) => pid === zombie), false);
  } finally {
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
  }
});

Deno.test("`readArguments()` keeps arguments with spaces and empty ones apart, `pidsMentioning()` finds them", async () => {
  const word = crypto.randomUUID();
  const args = ["-c", "read line", "", `two words ${word}`];
  const child = new Deno.Command("sh", { args, stdin: "piped" }).spawn();
  try {
    // Between fork and exec the child still has the arguments of this program.
    const words = await eventually("the shell's arguments", async () => {
      const all = await readArguments(child.pid);
      return all.includes("read line") ? all : undefined;
    });
    assert.deepEqual(words.slice(1), args);
    assert.deepEqual(await pidsMentioning(word), [child.pid]);
  } finally {
    await child.stdin.close();
    await child.status;
  }
  assert.deepEqual(await readArguments(child.pid), []);
  assert.deepEqual(await pidsMentioning(word), []);
});
