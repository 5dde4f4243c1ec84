import assert from "node:assert/strict";
import { Breakpoint, type PauseEnd } from "../../../agent/hold/breakpoint.ts";
import type { Host } from "../../../shared/program/host.ts";
import { systemHost } from "../../../shared/program/system_host.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { withTemporaryFolder, writeScript } from "../../fixtures/temporary_folder.ts";

/** The host's clock goes so much faster; what the commands do takes its real time. */
const SPEED = 20;
const MINUTE_MS = 60_000;
/** Waits, as CodeBuild's may do, until somebody removes what it has made. */
const WAITS = ': >"$(dirname "$0")/paused"; while [ -e "$(dirname "$0")/paused" ]; do sleep 0.02; done';
const RESUMES = 'echo resumed >>"$(dirname "$0")/resumes"; rm -f "$(dirname "$0")/paused"';

/** A machine with the two commands, of which one does as it is told here. */
async function withCommands(
  commands: { readonly pause?: string; readonly resume?: string },
  body: (host: Host, folder: string) => Promise<void>,
): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    await writeScript(`${folder}/codebuild-breakpoint`, commands.pause ?? WAITS);
    await writeScript(`${folder}/codebuild-resume`, commands.resume ?? RESUMES);
    const real = systemHost();
    const env = { PATH: `${folder}:${real.env["PATH"]}`, BITBUCKET_ACCESS_TOKEN: "of-nobody-else" };
    const monotonicMs = () => real.monotonicMs() * SPEED;
    await body({ ...real, env, monotonicMs, sleep: (ms, signal) => real.sleep(ms / SPEED, signal) }, folder);
  });
}

async function pause(
  host: Host,
  { minutes = 1, signal = new AbortController().signal, wanted = true }: {
    readonly minutes?: number;
    readonly signal?: AbortSignal;
    readonly wanted?: boolean;
  } = {},
): Promise<{ end: PauseEnd; waits: boolean | undefined; tookMs: number }> {
  const breakpoint = await Breakpoint.find(host);
  assert.ok(breakpoint);
  const begunMs = host.monotonicMs();
  let waits: boolean | undefined;
  const end = await breakpoint.pause(minutes * MINUTE_MS, signal, (told) => {
    waits = told;
    return Promise.resolve(wanted);
  });
  return { end, waits, tookMs: host.monotonicMs() - begunMs };
}

async function resumes(folder: string): Promise<number> {
  const text = await Deno.readTextFile(`${folder}/resumes`).catch(() => "");
  return text.split("\n").length - 1;
}

Deno.test("a machine without both commands has no breakpoint", async () => {
  await withCommands({}, async (host, folder) => {
    await Deno.remove(`${folder}/codebuild-resume`);
    assert.equal(await Breakpoint.find(host), undefined);
  });
});

Deno.test("a pause ends when the command does, by its own word, and with nothing of the agent's in its environment", async () => {
  const pausing = `env >"$(dirname "$0")/env"; ${WAITS}`;
  await withCommands({ pause: pausing }, async (host, folder) => {
    const paused = pause(host, { minutes: 30 });
    await eventually("it has begun", () => Deno.stat(`${folder}/paused`).catch(() => undefined));
    // Longer than the time within which it would have come back by itself.
    await host.sleep(4_000);
    await Deno.remove(`${folder}/paused`);
    const { end, waits } = await paused;
    assert.deepEqual([end, waits, await resumes(folder)], ["resumed", true, 0]);
    assert.doesNotMatch(await Deno.readTextFile(`${folder}/env`), /of-nobody-else/);
  });
});

Deno.test("a pause that nobody ends is resumed when its time is up, and killed where that does not end it", async () => {
  for (const resume of [RESUMES, "exit 1"]) {
    await withCommands({ resume }, async (host, folder) => {
      const { end, tookMs } = await pause(host);
      assert.equal(end, "time is up");
      assert.ok(tookMs >= MINUTE_MS);
      assert.equal(await resumes(folder), resume === RESUMES ? 1 : 0);
    });
  }
});

Deno.test("a pause that is not wanted, or interrupted, ends before its time", async () => {
  await withCommands({}, async (host, folder) => {
    assert.equal((await pause(host, { minutes: 480, wanted: false })).end, "time is up");
    const interruption = new AbortController();
    const interrupted = pause(host, { minutes: 480, signal: interruption.signal });
    await eventually("it has begun", () => Deno.stat(`${folder}/paused`).catch(() => undefined));
    interruption.abort(new Error("told to end"));
    await assert.rejects(interrupted, /told to end/);
    assert.equal(await resumes(folder), 2);
  });
});

Deno.test("where the command comes back at once, the build is resumed in time by what outlives the agent", async () => {
  await withCommands({ pause: "exit 0", resume: `${RESUMES}; kill $PPID` }, async (host, folder) => {
    const { end, waits } = await pause(host, { minutes: 1 / 60 });
    assert.deepEqual([end, waits], ["at once", false]);
    await eventually("it is resumed", async () => await resumes(folder) === 1 || undefined);
  });
});

Deno.test("what a command that comes back at once has asked for is taken back where the pause is not wanted", async () => {
  await withCommands({ pause: "exit 0" }, async (host, folder) => {
    await pause(host, { wanted: false });
    assert.equal(await resumes(folder), 1);
  });
});
