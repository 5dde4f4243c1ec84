import assert from "node:assert/strict";
import { processFamily } from "../../../agent/process/process_family.ts";
import type { ProcessEntry } from "../../../agent/process/process_table.ts";

function entry(pid: number, parent: number, session: number, startTime = `${pid}00`): ProcessEntry {
  return { pid, parent, session, group: session, startTime, name: "x", zombie: false };
}

const LEADER = { pid: 50, startTime: "5000" };

const CASES: { name: string; processes: ProcessEntry[]; known?: ProcessEntry[]; pids: number[] }[] = [
  {
    name: "the leader, its session and descendants in sessions of their own",
    processes: [entry(1, 0, 1), entry(50, 1, 50), entry(51, 50, 50), entry(60, 51, 60), entry(61, 60, 61)],
    pids: [50, 51, 60, 61],
  },
  {
    name: "what is left of the session when the leader is gone",
    processes: [entry(1, 0, 1), entry(51, 1, 50), entry(52, 1, 52)],
    pids: [51],
  },
  {
    name: "nothing when the pid belongs to another process now",
    processes: [entry(1, 0, 1), entry(50, 1, 50, "9999"), entry(51, 50, 50)],
    pids: [],
  },
  {
    name: "a former descendant that is an orphan in another session now, and its children",
    processes: [entry(1, 0, 1), entry(60, 1, 60), entry(61, 60, 61), entry(70, 1, 70)],
    known: [entry(60, 51, 60)],
    pids: [60, 61],
  },
  {
    name: "no new process that got the pid of a former descendant",
    processes: [entry(1, 0, 1), entry(60, 1, 60, "9999")],
    known: [entry(60, 51, 60)],
    pids: [],
  },
];

for (const { name, processes, known, pids } of CASES) {
  Deno.test(`\`processFamily()\` finds ${name}`, () => {
    assert.deepEqual(processFamily(processes, LEADER, known).map(({ pid }) => pid).sort(), pids);
    assert.deepEqual(
      processFamily([...processes].reverse(), LEADER, known).map(({ pid }) => pid).sort(),
      pids,
    );
  });
}
