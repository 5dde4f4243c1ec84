import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { launchDetached } from "../../../agent/process/launch_detached.ts";
import {
  listProcesses,
  parseProcess,
  pidTaken,
  pulseOf,
  readArguments,
  readProcess,
  sameProcess,
  UNKNOWN_START,
} from "../../../agent/process/process_table.ts";
import { runnerEnvironment } from "../../../agent/runner/runner_environment.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { needing } from "../../fixtures/needing.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

const PROGRAM = fileURLToPath(new URL("../../fixtures/programs/look_without_table.ts", import.meta.url));

Deno.test("`parseProcess()` reads a line of /proc/PID/stat, whatever the program is called", () => {
  const tail = "0 -1 4194560 110 0 0 0 0 0 0 0 20 0 1 0 161870 2654208 348";
  assert.deepEqual(
    parseProcess(`12 (java) S 1 10 11 ${tail}\n`),
    { pid: 12, name: "java", zombie: false, parent: 1, group: 10, session: 11, startTime: "161870" },
  );
  assert.deepEqual(
    parseProcess(`13 (a) b\n(c) Z 12 10 11 ${tail}\n`),
    { pid: 13, name: "a) b\n(c", zombie: true, parent: 12, group: 10, session: 11, startTime: "161870" },
  );
  for (const text of ["", "broken", "12 (java) S 1 10"]) assert.equal(parseProcess(text), undefined);
});

Deno.test("`pulseOf()` tells a process from a later one with the same pid, and from one whose start nobody saw", () => {
  const self = readProcess(Deno.pid);
  assert.ok(typeof self === "object");
  assert.equal(pulseOf(self), "alive");
  assert.equal(pulseOf({ pid: self.pid, startTime: `${Number(self.startTime) - 1}` }), "dead");
  assert.equal(pulseOf({ pid: self.pid, startTime: UNKNOWN_START }), "alive");
  assert.equal(sameProcess(self, { pid: self.pid + 1, startTime: UNKNOWN_START }), false);
});

Deno.test("`pulseOf()` calls a process dead once it is gone", async () => {
  const child = new Deno.Command("sleep", { args: ["1000"] }).spawn();
  const entry = readProcess(child.pid);
  assert.ok(typeof entry === "object");
  assert.deepEqual([pulseOf(entry), pidTaken(entry.pid)], ["alive", true]);
  child.kill("SIGKILL");
  await child.status;
  assert.deepEqual([pulseOf(entry), pidTaken(entry.pid)], ["dead", false]);
});

Deno.test("`pulseOf()` counts a zombie as dead", async () => {
  // The shell turns into a sleep that never collects its child.
  const child = new Deno.Command("sh", {
    args: ["-c", "sh -c 'echo $$' & exec sleep 1000"],
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  const zombie = Number(new TextDecoder().decode((await reader.read()).value));
  try {
    const entry = await eventually("the child has ended", () => {
      const found = readProcess(zombie);
      return typeof found === "object" && found.zombie ? found : undefined;
    });
    assert.equal(pulseOf(entry), "dead");
    assert.equal(listProcesses()?.some(({ pid }) => pid === zombie), false);
  } finally {
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
  }
});

Deno.test("`readArguments()` keeps arguments with spaces and empty ones apart", async () => {
  const args = ["-c", "read line", "", "two words"];
  const child = new Deno.Command("sh", { args, stdin: "piped" }).spawn();
  try {
    // Between fork and exec the child still has the arguments of this program.
    const words = await eventually("the shell's arguments", () => {
      const all = readArguments(child.pid);
      return all.includes("read line") ? all : undefined;
    });
    assert.deepEqual(words.slice(1), args);
  } finally {
    await child.stdin.close();
    await child.status;
  }
  assert.deepEqual(readArguments(child.pid), []);
});

/** What a program finds of two processes, a living and an ended one, once it cannot read the table any more. */
async function lookWithout(way: string, wrapper: readonly string[]): Promise<Record<string, unknown>> {
  let found: Record<string, unknown> = {};
  await withTemporaryFolder(async (folder) => {
    const outputFile = `${folder}/out`;
    const options = { env: runnerEnvironment({ PATH: "/usr/bin:/bin" }), cwd: folder, outputFile };
    const alive = await launchDetached("/bin/sh", ["-c", "sleep 1000 & echo ready; wait"], options);
    await eventually("ready", async () => (await Deno.readTextFile(outputFile)) !== "" || undefined);
    const child = new Deno.Command("true").spawn();
    await child.status;
    const processes = [alive, { pid: child.pid, startTime: "1" }].map((one) => JSON.stringify(one));
    const [command = "", ...args] = [
      ...wrapper,
      Deno.execPath(),
      "run",
      "-q",
      // With what the agent is released with.
      "-P=codebuild-agent",
      PROGRAM,
      way,
      ...processes,
    ];
    const { stdout, stderr } = await new Deno.Command(command, { args, cwd: Deno.cwd() }).output();
    const left = listProcesses()?.filter(({ session }) => session === alive.pid) ?? [];
    for (const { pid } of left) Deno.kill(pid, "SIGKILL");
    const text = new TextDecoder().decode(stdout);
    assert.notEqual(text, "", new TextDecoder().decode(stderr));
    found = { ...JSON.parse(text), left: left.length };
  });
  return found;
}

const isRoot = Deno.uid() === 0;
const hidden = needing(
  ["unshare", "mount"],
  "A hidden process table is no death, and `terminate()` knows the leader",
);
Deno.test({ ...hidden, ignore: hidden.ignore || !isRoot }, async () => {
  assert.deepEqual(await lookWithout("hidden", ["unshare", "--mount", "--"]), {
    before: 1,
    alive: "unknown",
    dead: "unknown",
    table: "unknown",
    work: "unknown",
    stopped: "stopped",
    left: 1,
  });
});

Deno.test("A process table for which no descriptor is left is no death", async () => {
  const limited = ["/bin/sh", "-c", 'ulimit -n 120; exec "$@"', "sh"];
  assert.deepEqual(await lookWithout("no descriptors", limited), {
    before: 1,
    alive: "unknown",
    dead: "unknown",
    table: "unknown",
    work: "unknown",
    stopped: "not tried",
    left: 2,
  });
});
