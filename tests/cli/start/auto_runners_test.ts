import assert from "node:assert/strict";
import { startFakeAws } from "../../fixtures/servers/fake_aws.ts";
import { pipeline, start, use } from "../../fixtures/pipelines/pipeline_text.ts";
import { runInProcess, runProcess, stepEnvironment } from "../../fixtures/programs/start_runner.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

const NOWHERE = { url: "http://127.0.0.1:1" };
const FOUR = pipeline(
  start("--runners auto"),
  `parallel: [${[..."abcd"].map((name) => `{ ${use(name)} }`)}]`,
);

/** Does something with a folder that holds the pipeline file, if there is one. */
async function inClone(file: string | undefined, run: (folder: string) => Promise<void>): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    if (file !== undefined) await Deno.writeTextFile(`${folder}/bitbucket-pipelines.yml`, file);
    await run(folder);
  });
}

function dryRun(folder: string, env: Record<string, string> = {}, args: readonly string[] = []) {
  const all = stepEnvironment(NOWHERE, { RUNNER_COUNT: "auto", BITBUCKET_CLONE_DIR: folder, ...env });
  return runInProcess(all, { args: ["--dry-run", ...args] });
}

/** How many runners a dry run shows that the build is to host. */
function countIn(stdout: string): string | undefined {
  const sent: { name: string; value: string }[] = JSON.parse(stdout).startBuild.environmentVariablesOverride;
  return sent.find(({ name }) => name === "RUNNER_COUNT")?.value;
}

Deno.test("a start with --runners auto asks for as many runners as there are parallel steps, and says which", async () => {
  await using aws = startFakeAws();
  await inClone(FOUR, async (folder) => {
    const env = stepEnvironment(aws, { BITBUCKET_CLONE_DIR: folder, BITBUCKET_BRANCH: "main" });
    const { code, stderr } = await runInProcess(env, { args: ["--runners", "auto"] });
    assert.equal(code, 0, stderr);
    const line = "--runners auto: 4, the parallel steps «a», «b», «c», «d» of the default pipeline";
    assert.ok(stderr.includes(line), stderr);
  });
  const { input } = aws.calls.find(({ call }) => call === "StartBuild") ?? {};
  assert.match(JSON.stringify(input), /\{"name":"RUNNER_COUNT","value":"4","type":"PLAINTEXT"\}/);
});

Deno.test("the flag and the variable both have runners counted, for each machine, and a number goes before the variable", async () => {
  await inClone(FOUR, async (folder) => {
    assert.equal(countIn((await dryRun(folder)).stdout), "4");
    assert.equal(countIn((await dryRun(folder, { RUNNER_COUNT: "" }, ["--runners", "auto"])).stdout), "4");
    const shared = await dryRun(folder, { RUNNER_MACHINES: "3" });
    assert.equal(countIn(shared.stdout), "2", shared.stderr);
    assert.match(shared.stderr, /--runners auto: 2 on each of 3 machines, the parallel steps/);
    const given = await dryRun(`${folder}/none`, {}, ["--runners", "2"]);
    assert.equal(countIn(given.stdout), "2");
    assert.ok(!given.stderr.includes("auto"), given.stderr);
  });
});

Deno.test("runners are counted in the pipelines that may be running, for the labels that the start comes to", async () => {
  const steps = (label: string) =>
    [..."ab"].map((name) => `{ ${use(name, `self.hosted, linux.shell, ${label}`)} }`);
  const one = `[{ ${start("--runners auto --label app.{branch}")} }, { parallel: [${steps("app.main")}, { ${
    use("c")
  } }] }]`;
  const file = `pipelines: { default: ${one}, pull-requests: { '**': [{ ${start()} }, { ${use("p")} }] } }`;
  await inClone(file, async (folder) => {
    const counts = await Promise.all(
      [{ BITBUCKET_BRANCH: "main" }, { BITBUCKET_BRANCH: "next" }].map(async (env) =>
        countIn((await dryRun(folder, env, ["--label", "app.{branch}"])).stdout)
      ),
    );
    assert.deepEqual(counts, ["3", "1"]);
    const inPullRequest = await dryRun(folder, { BITBUCKET_BRANCH: "main", BITBUCKET_PR_ID: "7" });
    assert.equal(countIn(inPullRequest.stdout), "1");
    assert.match(inPullRequest.stderr, /the step «p» of pipeline «\*\*» of pull-requests/);
  });
});

const REFUSED: readonly (readonly [file: string | undefined, problem: RegExp])[] = [
  [
    undefined,
    /^error: Cannot count runners, as --runners auto or RUNNER_COUNT=auto asks: \S+\/bitbucket-pipelines\.yml cannot be read: it is not there; let this step clone the repository \(no «clone: enabled: false»\), or give a number, as in --runners 4$/m,
  ],
  [" ".repeat(1024 * 1024 + 1), / cannot be read: it has 1048577 bytes, more than 1048576, or give a number/],
  [
    "pipelines:\n  default:\n    - step: [",
    /bitbucket-pipelines\.yml cannot be used, line \d+: .*, or give a number/,
  ],
  ["", /bitbucket-pipelines\.yml cannot be used, line 1: The file is empty, or give a number/],
  [
    "pipelines: { default: { import: shared:main:build } }",
    /, the default pipeline is imported from «shared:main:build», where nobody looks here, or give a number/,
  ],
  [
    pipeline(use("a")),
    /, no pipeline that may be running has this start-runner in a step's script; .* or give a number/,
  ],
];

Deno.test("a start that cannot count its runners ends with exit code 2, and says what to do", async () => {
  for (const [file, problem] of REFUSED) {
    await inClone(file, async (folder) => {
      const { code, stderr } = await dryRun(folder);
      assert.equal(code, 2);
      assert.match(stderr, problem);
    });
  }
});

Deno.test("what keeps runners from being counted is told together with all other problems, and they alone where the file is there", async () => {
  const wrong = { RUNNER_TYPE: "windows", CODEBUILD_TIMEOUT: "1" };
  for (const [file, problems] of [[undefined, 3], [FOUR, 2]] as const) {
    await inClone(file, async (folder) => {
      const { stderr } = await dryRun(folder, wrong);
      assert.equal(stderr.match(/^error: /gm)?.length, problems, stderr);
    });
  }
});

Deno.test("outside a step the file is looked for at the top of the repository", async () => {
  await inClone(FOUR, async (folder) => {
    await Deno.mkdir(`${folder}/.git`);
    await Deno.mkdir(`${folder}/a/b`, { recursive: true });
    const env = stepEnvironment(NOWHERE, { RUNNER_COUNT: "auto" });
    const run = await runProcess(env, ["--dry-run"], { cwd: `${folder}/a/b` });
    assert.equal(countIn(run.stdout || run.stderr), "4");
  });
});
