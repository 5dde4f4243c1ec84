import assert from "node:assert/strict";
import { doctorCommand } from "../../../cli/commands/doctor_command.ts";
import { startOptions } from "../../../cli/options/options.ts";
import { runProcess } from "../../fixtures/programs/start_runner.ts";
import { withLocalCloud } from "../../fixtures/programs/local_cloud.ts";
import { runInProcess } from "../../fixtures/programs/start_runner.ts";

Deno.test("doctor takes what a start takes, but for what makes it none", () => {
  const missing = Object.keys(startOptions).filter((option) => !(option in doctorCommand.options));
  assert.deepEqual(missing, ["dryRun"]);
});

Deno.test("doctor on a laptop, with the default AWS credentials, writes a line for each finding", async () => {
  await withLocalCloud({}, async ({ env }) => {
    const elsewhere = { RUNNER_RELEASE_URL: "http://127.0.0.1:1", API_TIMEOUT: "2" };
    const { code, stdout, stderr } = await runProcess({ ...env, ...elsewhere }, ["doctor"]);
    assert.match(
      stdout,
      /^ok {6}account {8}123456789012, as arn:aws:iam::123456789012:user\/developer$/m,
      stderr,
    );
    assert.match(
      stdout,
      /^unknown bitbucket {6}no repository is known\n {8}remedy: set REPO_UUID and WORKSPACE_UUID/m,
    );
    assert.match(stdout, /^FAIL {4}release {8}.*\n {8}remedy: check --release-url/m);
    assert.match(stdout, /^1 FAIL, \d+ unknown, \d+ ok$/m);
    assert.equal(code, 1);
  });
});

Deno.test("doctor without anything says what is missing, and is no refusal", async () => {
  const { code, stdout } = await runInProcess({ RUNNER_RELEASE_URL: "http://127.0.0.1:1" }, {
    args: ["doctor"],
  });
  assert.match(stdout, /^FAIL {4}configuration {2}Missing the CodeBuild project/m);
  assert.match(stdout, /^FAIL {4}configuration {2}Missing the AWS region/m);
  assert.match(stdout, /^unknown quota {10}no region is known$/m);
  assert.equal(code, 1);
});

Deno.test("a command line that cannot be used is refused", async () => {
  const { code, stdout, stderr } = await runInProcess({}, { args: ["doctor", "--jsn"] });
  assert.deepEqual([code, stdout], [2, ""]);
  assert.match(stderr, /^error: Unknown flag --jsn: did you mean --json\?$/m);
});

Deno.test("a secret of the environment is in no finding", async () => {
  const secret = "sUp3rS3cretRelease";
  const env = { BITBUCKET_ACCESS_TOKEN: secret, RUNNER_RELEASE_URL: `http://127.0.0.1:1/${secret}` };
  for (const flags of [[], ["--json"]]) {
    const { stdout, stderr } = await runInProcess(env, { args: ["doctor", ...flags] });
    assert.match(stdout, /127\.0\.0\.1:1\/\*\*\*/);
    assert.ok(!(stdout + stderr).includes(secret));
  }
});
