import assert from "node:assert/strict";
import { StartRecord } from "../../../cli/progress/start_record.ts";
import { ConfigurationError } from "../../../shared/program/errors.ts";
import { startFakeAws } from "../../fixtures/servers/fake_aws.ts";
import { runInProcess, runProcess, stepEnvironment } from "../../fixtures/programs/start_runner.ts";
import { recordedLog } from "../../fixtures/recorded_log.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

const BUILD = "ci:00000000-0000-4000-8000-000000000001";
const KNOWN = {
  project: "ci",
  region: "eu-west-1",
  build: BUILD,
  runner: "00000000-0000-4000-8000-000000000001-ci",
  runners: ["00000000-0000-4000-8000-000000000001-ci"],
  labels: ["self.hosted", "linux.shell", "codebuild"],
};

function read(path: string): Record<string, unknown> {
  return JSON.parse(Deno.readTextFileSync(path));
}

Deno.test("`--output` has each thing as soon as it is known, and is whole whenever it is read", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = `${folder}/runner.json`;
    await Deno.writeTextFile(path, "what an earlier start has left");
    const seen: Record<string, unknown>[] = [];
    await using aws = startFakeAws({ beforeAnswer: () => void seen.push(read(path)) });
    const { code, stderr } = await runInProcess(stepEnvironment(aws, { RUNNER_OUTPUT: path }));
    assert.equal(code, 0, stderr);
    const start = { project: "ci", region: "eu-west-1", state: "starting" };
    // AssumeRoleWithWebIdentity, StartBuild, and looks at the build.
    assert.deepEqual(seen.slice(0, 2), [start, start]);
    const { link, ...known } = seen[2] ?? {};
    assert.deepEqual(known, { ...KNOWN, state: "starting" });
    assert.match(String(link), /^https:\/\/eu-west-1\.console\.aws\.amazon\.com\//);
    assert.deepEqual(read(path), { ...KNOWN, link, state: "online" });
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["runner.json"]);
  });
});

Deno.test("`--output` keeps the build's id when the start fails, with the exit code", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = `${folder}/runner.json`;
    await using aws = startFakeAws({ stages: [{ ended: "FAILED", phase: "INSTALL" }] });
    const { code } = await runInProcess(stepEnvironment(aws), { args: ["--output", path] });
    const { build, state, exitCode } = read(path);
    assert.deepEqual([code, build, state, exitCode], [5, BUILD, "failed", 5]);
  });
});

Deno.test("`--output` may write with the permissions that start-runner is released with", async () => {
  await withTemporaryFolder(async (folder) => {
    await using aws = startFakeAws();
    const { code, stderr } = await runProcess(stepEnvironment(aws), ["--output", `${folder}/runner.json`]);
    assert.deepEqual([code, read(`${folder}/runner.json`)["state"]], [0, "online"], stderr);
  });
});

Deno.test("`--output` refuses a file that cannot be written, before anything is asked of AWS", async () => {
  await using aws = startFakeAws();
  const { code, stderr } = await runProcess(stepEnvironment(aws), ["--output", "/nowhere/runner.json"]);
  assert.equal(code, 2);
  assert.match(stderr, /^error: Cannot write \/nowhere\/runner\.json, as --output or RUNNER_OUTPUT asks: /m);
  assert.match(stderr, /^hint: name a file in a folder that exists/m);
  assert.deepEqual(aws.calls, []);
});

Deno.test("`StartRecord` warns where it cannot go on, and writes no secrets", async () => {
  await withTemporaryFolder(async (folder) => {
    const { log, text } = recordedLog();
    log.redactor.add("the-secret");
    await Deno.mkdir(`${folder}/in`);
    const record = await StartRecord.open(`${folder}/in/runner.json`, log, { project: "the-secret" });
    assert.equal(read(`${folder}/in/runner.json`)["project"], "***");
    await Deno.remove(`${folder}/in`, { recursive: true });
    await record.note({ state: "online" });
    assert.match(text(), /warning: Cannot write .*runner\.json: /);
    await assert.rejects(StartRecord.open(`${folder}/in/x`, log, {}), ConfigurationError);
  });
});

Deno.test("`StartRecord` writes through nobody's link", async () => {
  await withTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/mine`, "mine");
    await Deno.symlink(`${folder}/mine`, `${folder}/runner.json.next`);
    await StartRecord.open(`${folder}/runner.json`, recordedLog().log, {});
    assert.equal(await Deno.readTextFile(`${folder}/mine`), "mine");
    assert.equal(read(`${folder}/runner.json`)["state"], "starting");
  });
});

Deno.test("`StartRecord` replaces no device, pipe or folder", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = `${folder}/pipe`;
    await new Deno.Command("mkfifo", { args: [path] }).output();
    for (const special of [path, folder]) {
      await assert.rejects(StartRecord.open(special, recordedLog().log, {}), {
        message: `Cannot write ${special}, as --output or RUNNER_OUTPUT asks: it is no file`,
      });
    }
    assert.equal((await Deno.stat(path)).isFifo, true);
  });
});

Deno.test("`--output` and the result name every runner of a build that hosts several", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = `${folder}/runner.json`;
    await using aws = startFakeAws();
    const env = stepEnvironment(aws, { RUNNER_OUTPUT: path, RUNNER_COUNT: "3" });
    const { code, stdout, stderr } = await runInProcess(env, { args: ["--log-format", "json"] });
    assert.equal(code, 0, stderr);
    const runners = ["", ".2", ".3"].map((number) => `${KNOWN.runner.slice(0, 36)}${number}-ci`);
    for (const shown of [read(path), JSON.parse(stdout)]) {
      assert.deepEqual([shown["runner"], shown["runners"]], [KNOWN.runner, runners]);
    }
  });
});
