import assert from "node:assert/strict";
import { RunnerOutput } from "../../../agent/watch/runner_output.ts";
import { systemHost } from "../../../shared/program/system_host.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

const UUID = "{0a1b2c3d-0000-4000-8000-000000000000}";
const CALM = new AbortController().signal;
const LONG_MS = 60_000;
/** Below the slow look, so that only a notification comes as early. */
const NOTIFIED_MS = 600;

interface Scene {
  readonly output: RunnerOutput;
  readonly write: (file: string, text: string) => void;
  readonly pauses: readonly number[];
  readonly folder: string;
}

/** Output of a runner that writes to `out/runner.log` and, in its working directory `work`, to a file of its own. */
async function withOutput(body: (scene: Scene) => Promise<void> | void): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    for (const name of ["out", "work"]) Deno.mkdirSync(`${folder}/${name}`);
    const pauses: number[] = [];
    const host = systemHost();
    const sleep: typeof host.sleep = (ms, signal) => {
      pauses.push(ms);
      return host.sleep(ms, signal);
    };
    const own = { workingDirectory: `${folder}/work`, runnerUuid: UUID };
    const output = new RunnerOutput({ stdout: `${folder}/out/runner.log`, own }, { ...host, sleep });
    const write = (file: string, text: string) => {
      const path = `${folder}/${file}`;
      Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
      Deno.writeTextFileSync(path, text, { append: true });
    };
    try {
      await body({ output, write, pauses, folder });
    } finally {
      output.close();
    }
  });
}

const STDOUT = "out/runner.log";
const OWN = "work/0a1b2c3d-0000-4000-8000-000000000000/runner.log";

Deno.test("`RunnerOutput` gives each line once, whichever file has it first, and when the own file comes late", async () => {
  await withOutput(({ output, write }) => {
    write(STDOUT, "one\ntwo\n");
    assert.deepEqual(output.readNewLines(), ["one", "two"]);
    write(OWN, "one\ntwo\nthree\ncut o");
    assert.deepEqual(output.readNewLines(), ["three"]);
    write(STDOUT, "three\nfour\n");
    write(OWN, "ff\n");
    assert.deepEqual(output.readNewLines(), ["four", "cut off"]);
    write(STDOUT, "again\nagain\n");
    write(OWN, "four\nagain\nagain\nagain\n");
    assert.deepEqual(output.readNewLines(), ["again", "again", "again"]);
  });
});

Deno.test("`RunnerOutput` hears a runner that writes to its own file alone, in a folder of another name too", async () => {
  await withOutput(({ output, write, folder }) => {
    Deno.mkdirSync(`${folder}/work/cache`);
    assert.deepEqual(output.readNewLines(), []);
    write("work/runner-7/runner.log", "one\n");
    assert.deepEqual(output.readNewLines(), ["one"]);
  });
  await withOutput(({ output, write }) => {
    write("work/runner-7/runner.log", "one\n");
    write("work/runner-8/runner.log", "two\n");
    assert.deepEqual(output.readNewLines(), [], "either may be somebody else's");
    write(OWN, "three\n");
    assert.deepEqual(output.readNewLines(), ["three"]);
  });
});

Deno.test("`RunnerOutput` is told of a change in either file, and of a file that comes into being", async () => {
  await withOutput(async ({ output, write }) => {
    for (const [index, file] of [STDOUT, STDOUT, OWN, OWN, OWN, STDOUT].entries()) {
      let heard = output.readNewLines();
      assert.deepEqual(heard, []);
      const begun = performance.now();
      write(file, `line ${index}\n`);
      while (heard.length === 0) {
        await output.waitForMore(LONG_MS, CALM);
        heard = output.readNewLines();
      }
      assert.deepEqual(heard, [`line ${index}`]);
      assert.ok(performance.now() - begun < NOTIFIED_MS, `${file}: ${performance.now() - begun} ms`);
      await eventually("quiet", async () => {
        output.readNewLines();
        const from = performance.now();
        await output.waitForMore(100, CALM);
        return performance.now() - from > 90 || undefined;
      });
    }
  });
});

Deno.test("`RunnerOutput` waits for five seconds at most, and its own reading does not wake it", async () => {
  await withOutput(async ({ output, write, pauses }) => {
    // While there is no own file it is looked for, which opens the folder that is watched.
    write(STDOUT, "one\n");
    await eventually("quiet", async () => {
      output.readNewLines();
      const from = performance.now();
      await output.waitForMore(LONG_MS, CALM);
      return performance.now() - from > 900 || undefined;
    });
    const longest = Math.max(...pauses);
    assert.ok(longest > 900 && longest <= 5000, `${longest} ms`);
    output.readNewLines();
    await output.waitForMore(50, CALM);
    assert.equal(pauses.at(-1), 50);
    assert.equal(output.mayHaveMore, false, "nothing has changed");
    write(STDOUT, "two\n");
    await output.waitForMore(LONG_MS, CALM);
    assert.equal(output.mayHaveMore, true, "something has changed");
  });
});

Deno.test("`RunnerOutput` stops waiting when the program is interrupted", async () => {
  await withOutput(async ({ output }) => {
    output.readNewLines();
    const interrupted = AbortSignal.abort(new Error("enough"));
    await assert.rejects(output.waitForMore(LONG_MS, interrupted), { message: "enough" });
    const controller = new AbortController();
    const waits = output.waitForMore(LONG_MS, controller.signal);
    controller.abort(new Error("enough too"));
    await assert.rejects(waits, { message: "enough too" });
  });
});

Deno.test("`RunnerOutput` takes a flood in parts, lets others have their turn, and gives all of it", async () => {
  await withOutput(async ({ output, write }) => {
    const line = `${"x".repeat(999)}\n`;
    write(STDOUT, line.repeat(3000));
    const counts: number[] = [];
    for (let left = 3000; left > 0; left -= counts.at(-1) ?? 0) {
      const from = performance.now();
      counts.push(output.readNewLines().length);
      if (left > (counts.at(-1) ?? 0)) await output.waitForMore(LONG_MS, CALM);
      assert.ok(performance.now() - from < NOTIFIED_MS, "not the slow look");
    }
    assert.ok(Math.max(...counts) < 1200, `${counts}`);
  });
});
