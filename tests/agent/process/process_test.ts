import assert from "node:assert/strict";
import { runCommand, startDetached } from "../../../agent/process/process.ts";
import { runnerEnvironment } from "../../../agent/runner/runner_environment.ts";
import { RunnerError } from "../../../shared/program/errors.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

const ENV = runnerEnvironment({ PATH: "/usr/bin:/bin" });

Deno.test("`runCommand()` returns exit code and both outputs, and inherits no environment", async () => {
  const script = 'echo "got $1 $COLOUR $HOME"; echo oops >&2; exit 3';
  const result = await runCommand("sh", ["-c", script, "sh", "x"], {
    env: runnerEnvironment({ ...ENV, COLOUR: "blue" }),
    timeoutMs: 10_000,
  });
  assert.deepEqual(result, {
    exitCode: 3,
    stdout: "got x blue ",
    stderr: "oops",
    timedOut: false,
    startFailure: undefined,
  });
});

Deno.test("`runCommand()` hands over its input", async () => {
  const { stdout } = await runCommand("cat", [], { env: ENV, timeoutMs: 10_000, input: "one\ntwo" });
  assert.equal(stdout, "one\ntwo");
});

Deno.test("`runCommand()` says why a command could not be started", async () => {
  const missing = await runCommand("no-such-program", [], { env: ENV, timeoutMs: 1000 });
  assert.equal(missing.startFailure, "ENOENT");
  const folder = await runCommand("/usr", [], { env: ENV, timeoutMs: 1000 });
  assert.equal(folder.startFailure, "EACCES");
});

Deno.test("`runCommand()` gives up a late command that ignores SIGTERM, with its children", async () => {
  const result = await runCommand("sh", ["-c", "trap '' TERM; sleep 1000 & sleep 1000"], {
    env: ENV,
    timeoutMs: 50,
  });
  assert.equal(result.timedOut, true);
  assert.equal(result.exitCode, undefined);
});

Deno.test("`runCommand()` rejects with the signal's reason when it aborts", async () => {
  const controller = new AbortController();
  const running = runCommand("sleep", ["1000"], { env: ENV, timeoutMs: 60_000, signal: controller.signal });
  controller.abort(new RunnerError("enough"));
  await assert.rejects(running, { message: "enough" });
});

Deno.test("`runCommand()` leaves a signal to the program to the program", async () => {
  const heard: string[] = [];
  const listener = () => void heard.push("SIGUSR2");
  Deno.addSignalListener("SIGUSR2", listener);
  try {
    const script = `kill -USR2 ${Deno.pid}; sleep 0.1; echo done`;
    const { stdout } = await runCommand("sh", ["-c", script], { env: ENV, timeoutMs: 10_000 });
    assert.equal(stdout, "done");
    assert.deepEqual(heard, ["SIGUSR2"]);
  } finally {
    Deno.removeSignalListener("SIGUSR2", listener);
  }
});

Deno.test("`startDetached()` hands over its input, which then ends, also where nobody reads it", async () => {
  await withTemporaryFolder(async (folder) => {
    const options = { env: ENV, cwd: folder, outputFile: `${folder}/out`, input: "s€cret\n" };
    await startDetached("true", [], options);
    await startDetached("sh", ["-c", 'read -r line; echo "got $line"; cat; echo end'], options);
    const said = await eventually("it ends", async () => {
      const text = await Deno.readTextFile(options.outputFile);
      return text.includes("end") ? text : undefined;
    });
    assert.equal(said, "got s€cret\nend\n");
  });
});

Deno.test("`startDetached()` says which program could not be started", async () => {
  await withTemporaryFolder(async (folder) => {
    const options = { env: ENV, cwd: folder, outputFile: `${folder}/out` };
    await assert.rejects(
      startDetached("/no/such/program", ["secret"], options),
      { name: "RunnerError", message: "Cannot start /no/such/program: the system answered ENOENT" },
    );
  });
});
