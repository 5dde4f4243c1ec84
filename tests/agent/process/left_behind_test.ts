import assert from "node:assert/strict";
import { runnerEnvironment } from "../../../agent/runner/runner_environment.ts";
import { launchDetached } from "../../../agent/process/launch_detached.ts";
import { leftBehind } from "../../../agent/process/left_behind.ts";
import {
  listProcesses,
  type ProcessEntry,
  type ProcessId,
  readArguments,
  ticksSinceBoot,
} from "../../../agent/process/process_table.ts";
import { terminate } from "../../../agent/process/terminate.ts";
import { systemHost } from "../../../shared/program/system_host.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

interface Scene {
  /** Has the leader run a command of the shell, and waits until all sleeps of these seconds are there. */
  readonly run: (command: string, ...seconds: number[]) => Promise<void>;
  /** The seconds of the sleeps that are left, with a mark on those that are not safe to end. */
  readonly left: (beganTicks: number, known?: readonly string[]) => string[];
  readonly sleepOf: (seconds: number) => ProcessEntry | undefined;
  /** A moment after all that was started so far, in ticks. */
  readonly later: () => Promise<number>;
}

/** Sleeps with lengths that no other test has. */
async function withLeader(body: (scene: Scene) => Promise<void>): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    await new Deno.Command("mkfifo", { args: [`${folder}/orders`] }).output();
    const script = 'exec 3<>orders; while read -r order <&3; do eval "$order"; done';
    const leader: ProcessId = await launchDetached("/bin/sh", ["-c", script], {
      env: runnerEnvironment({ PATH: "/usr/bin:/bin" }),
      cwd: folder,
      outputFile: `${folder}/out`,
    });
    const sleeps = () =>
      (listProcesses() ?? []).filter(({ pid }) => /^86\d\d$/.test(readArguments(pid)[1] ?? ""));
    const secondsOf = ({ pid }: ProcessEntry) => readArguments(pid)[1] ?? "";
    const sleepOf = (seconds: number) => sleeps().find((entry) => secondsOf(entry) === `${seconds}`);
    try {
      await body({
        sleepOf,
        async run(command, ...seconds) {
          Deno.writeTextFileSync(`${folder}/orders`, `${command}\n`);
          await eventually(`${seconds}`, () => seconds.every(sleepOf) || undefined, 5000);
        },
        left(beganTicks, known = []) {
          const traces = { variable: "STEP={s-1}", beganTicks, known: new Set(known) };
          return leftBehind(listProcesses() ?? [], leader, traces)
            .filter(({ process }) => /^86\d\d$/.test(secondsOf(process)))
            .map(({ process, safe }) => `${secondsOf(process)}${safe ? "" : " in doubt"}`).sort();
        },
        async later() {
          const now = ticksSinceBoot();
          await eventually("the next tick", () => ticksSinceBoot() > now + 1 || undefined);
          return ticksSinceBoot() - 1;
        },
      });
    } finally {
      for (const { pid } of sleeps()) Deno.kill(pid, "SIGKILL");
      await terminate(systemHost(), leader, 0);
    }
  });
}

/** Starts something and leaves it, so that it is nobody's child that is known. */
const orphan = (command: string) => `sh -c '${command} &'`;

Deno.test("`leftBehind()` finds what carries the step's variable, wherever it went, and what that has started", async () => {
  await withLeader(async ({ run, left, later }) => {
    const began = await later();
    await run(orphan("STEP={s-1} setsid sleep 8601"), 8601);
    await run(orphan('STEP={s-1} setsid env -i /bin/sh -c "sleep 8602; true"'), 8602);
    await run(orphan("STEP={s-2} setsid sleep 8603"), 8603);
    await run(orphan('STEP={s-1} sh -c "env -i /bin/sleep 8604; true"'), 8604);
    assert.deepEqual(left(began), ["8601", "8604"]);
  });
});

Deno.test("`leftBehind()` finds what the leader has in other sessions, and leaves out its own helpers", async () => {
  await withLeader(async ({ run, left, later }) => {
    const began = await later();
    await run("sleep 8611 & setsid sleep 8612 &", 8611, 8612);
    assert.deepEqual(left(began), ["8612"]);
  });
});

Deno.test("`leftBehind()` leaves out what was there before the step began", async () => {
  await withLeader(async ({ run, left, later, sleepOf }) => {
    await run("setsid sleep 8621 &", 8621);
    const began = await later();
    await run("setsid sleep 8622 &", 8622);
    assert.deepEqual(left(began), ["8622"]);
    const { pid, startTime } = sleepOf(8622) ?? {};
    assert.deepEqual(left(began, [`${pid}:${startTime}`]), [], "it is part of the leader");
    // Five seconds are granted for the hearing, since nothing else can carry the step's variable.
    await run(orphan("STEP={s-1} setsid sleep 8623"), 8623);
    assert.deepEqual(left(await later() + 400), ["8623"]);
    assert.deepEqual(left(await later() + 1_000), []);
    assert.deepEqual(left(Infinity), [], "the machine does not tell the time");
  });
});

Deno.test("`leftBehind()` is in doubt about a container daemon, and all below it", async () => {
  await withLeader(async ({ run, left, later }) => {
    const began = await later();
    await run("cp /bin/sh ./dockerd; STEP={s-1} setsid ./dockerd -c 'sleep 8631; true' &", 8631);
    assert.deepEqual(left(began), ["8631 in doubt"]);
  });
});

Deno.test("`leftBehind()` leaves out this program, and all above it", () => {
  const processes = listProcesses() ?? [];
  const own = processes.find(({ pid }) => pid === Deno.pid);
  const parent = processes.find(({ pid }) => pid === own?.parent);
  assert.ok(own && parent);
  // As if a step had started the build's own shell.
  const leader = { pid: parent.parent, startTime: "unknown" };
  const left = leftBehind(processes, leader, { variable: "", beganTicks: 0, known: new Set() });
  assert.ok(!left.some(({ process }) => process.pid === own.pid || process.pid === parent.pid));
});
