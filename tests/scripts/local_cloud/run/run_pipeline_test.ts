import assert from "node:assert/strict";
import { planRun, type RunRequest } from "../../../../scripts/local_cloud/run/plan_run.ts";
import { runPipeline } from "../../../../scripts/local_cloud/run/run_pipeline.ts";
import { runExitCode, runSummary } from "../../../../scripts/local_cloud/run/run_summary.ts";
import { stepsOf } from "../../../../scripts/local_cloud/pipelines/pipeline.ts";
import { commitFiles, type Files, gitIn, makeRepository } from "../../../fixtures/git/git_repository.ts";
import { needing } from "../../../fixtures/needing.ts";
import { withLocalCloud } from "../../../fixtures/programs/local_cloud.ts";
import { withTemporaryFolder } from "../../../fixtures/temporary_folder.ts";

interface Case {
  readonly file: string;
  readonly does: string;
  readonly commits?: readonly Files[];
  /** What else is done to the repository. */
  readonly prepare?: (source: string) => Promise<void>;
  readonly request?: Partial<RunRequest>;
  /** Each step's name with its result; those that wait have none. */
  readonly steps: readonly string[];
  /** What warnings begin with, after the file's name. */
  readonly warnings?: readonly string[];
  readonly output?: readonly RegExp[];
  readonly exitCode?: number;
}

const CASES: readonly Case[] = [
  {
    file: "monorepo.yml",
    does: "runs the steps of what the last commit has changed",
    commits: [{ "web/app.js": "1", "api/main.go": "1" }, { "web/app.js": "2" }],
    steps: [
      "Lint: SUCCESSFUL",
      "Build web: SUCCESSFUL",
      "Build api: NOT_RUN",
      "Docs: NOT_RUN",
      "Publish: SUCCESSFUL",
    ],
    warnings: ["2:1: warning: «image»", "14:9: warning: «caches»"],
  },
  {
    file: "pipes.yml",
    does: "passes over pipes, and says so",
    steps: ["Deploy: SUCCESSFUL"],
    warnings: ["2:1: warning: «image»", "11:13: warning: «pipe»"],
    output: [
      /^deploying to production$/,
      /^pipe atlassian\/aws-s3-deploy:1\.6\.1 is not run/,
      /^exit code 0$/,
    ],
  },
  {
    file: "docker_services.yml",
    does: "runs in bash, without services",
    commits: [{ "tools/docker": '#!/bin/sh\necho "docker was called with $1"\n' }],
    steps: ["Integration tests: SUCCESSFUL", "Image: SUCCESSFUL"],
    warnings: [
      "2:1: warning: «image»",
      "8:3: warning: «docker»",
      "10:3: warning: «size»",
      "30:9: warning: «services»",
      "31:9: warning: «caches»",
      "42:9: warning: «runtime»",
    ],
    output: [/^testing against localhost\/test$/, /^docker was called with push$/],
  },
  {
    file: "matrix.yml",
    does: "stops what is beside a step that fails with fail-fast, and nothing beside one without",
    commits: [{ "test.sh": "#!/bin/sh\ncase $1 in long) sleep 300 ;; 22) sleep 2; exit 1 ;; esac\n" }],
    steps: [
      "Test on 20: SUCCESSFUL",
      "Test on 22: FAILED",
      "Test on nightly: FAILED",
      "Long test: STOPPED",
      "Never: NOT_RUN",
    ],
    output: [/^step 2 of 4$/],
    exitCode: 1,
  },
  {
    file: "stages.yml",
    does: "waits at a stage by hand",
    steps: [
      "Build: SUCCESSFUL",
      "Deploy to staging: SUCCESSFUL",
      "Smoke test: SUCCESSFUL",
      "Deploy to production",
      "Announce",
    ],
    exitCode: 3,
  },
  {
    file: "stages.yml",
    does: "starts what waits by hand with --approve all, each stage in its environment",
    request: { approves: true },
    steps: ["Build", "Deploy to staging", "Smoke test", "Deploy to production", "Announce"].map((name) =>
      `${name}: SUCCESSFUL`
    ),
    output: [/^built$/, /^environment staging \{[0-9a-f]{8}-[0-9a-f-]{27}\}$/, /^environment production$/],
  },
  {
    file: "custom_variables.yml",
    does: "has the defaults of variables, and what was given",
    request: { pipeline: "custom:release", variables: { VERSION: "1.2", DRY_RUN: "false" } },
    steps: ["Release: SUCCESSFUL"],
    output: [/^releasing 1\.2 to stable, dry run false$/],
  },
  {
    file: "pull_requests.yml",
    does: "compares a pull request with where it goes",
    prepare: async (source) => {
      await gitIn(source, "checkout", "--quiet", "-b", "feature/x");
      await commitFiles(source, { "feature.txt": "1" });
      await commitFiles(source, { "more.txt": "1" });
      await gitIn(source, "checkout", "--quiet", "main");
    },
    request: { pipeline: "pull-request:feature/x" },
    steps: ["Check: SUCCESSFUL", "Migrations: NOT_RUN", "Feature: SUCCESSFUL"],
    output: [/^pull request 1 from feature\/x to main$/, /^feature\.txt$/, /^more\.txt$/],
  },
  {
    file: "pull_requests.yml",
    does: "runs the default pipeline for a branch without one of its own",
    steps: ["Default: SUCCESSFUL"],
  },
  {
    file: "tags.yml",
    does: "takes the first pattern that a tag matches",
    prepare: async (source) => void await gitIn(source, "tag", "v1.2.0"),
    request: { pipeline: "tag:v1.2.0" },
    steps: ["Release: SUCCESSFUL"],
    output: [/^tag v1\.2\.0, branch none$/, /^v1\.2\.0$/],
  },
  {
    file: "artifacts.yml",
    does: "hands artifacts on, whatever the script does to its shell",
    commits: [{ "README.md": "A repository", "packages/app/app.js": "1" }],
    steps: ["Build: SUCCESSFUL", "Takes none: SUCCESSFUL", "Takes all: SUCCESSFUL", "Fails: FAILED"],
    output: [/^two$/, /^after 7 in build$/],
    exitCode: 1,
  },
  {
    file: "clones.yml",
    does: "clones what is committed, as deep as the file says, and keeps pushes from the source",
    commits: [{ "a.txt": "1" }, { "a.txt": "2" }],
    prepare: async (source) => await Deno.writeTextFile(`${source}/uncommitted.txt`, ""),
    steps: ["One commit: SUCCESSFUL", "All commits: SUCCESSFUL"],
    warnings: ["15:9: warning: «clone: lfs»", "warning: what is not committed"],
  },
  {
    file: "max_time.yml",
    does: "ends a step that takes too long, and runs the last one all the same",
    steps: ["Quick: SUCCESSFUL", "Hangs: FAILED", "Later: NOT_RUN", "Clean up: SUCCESSFUL"],
    output: [/^cleaned$/],
    exitCode: 1,
  },
  {
    file: "everything.yml",
    does: "says what it does not play",
    steps: ["${{BITBUCKET_BRANCH}}: SUCCESSFUL", "Step 2: SUCCESSFUL", "Child: SUCCESSFUL"],
    warnings: [
      "2:1: warning: «triggers»",
      "10:15: warning: «${{…}}»",
      "12:11: warning: «condition: state»",
      "13:9: warning: «artifacts: download»",
      "15:9: warning: «output-variables»",
      "16:9: warning: «oidc: audiences»",
      "24:9: warning: «type»",
    ],
    output: [/^pipeline other is not run by the local cloud$/],
  },
];

for (
  const { file, does, commits, prepare, request, steps, warnings = [], output = [], exitCode = 0 } of CASES
) {
  Deno.test(needing(["git", "bash"], `The pipeline of ${file} ${does}`), async () => {
    await withTemporaryFolder(async (folder) => {
      const source = `${folder}/source`;
      await makeRepository(source, commits ?? [{ "README.md": "A repository" }]);
      await prepare?.(source);
      const before = await gitIn(source, "rev-parse", "main");
      await Deno.mkdir(`${folder}/run`);
      const warned: string[] = [];
      const plan = await planRun({ ...requestFor(file, source), ...request }, `${folder}/run`, (line) => {
        warned.push(line.slice(line.indexOf(file) === -1 ? 0 : line.indexOf(file) + file.length + 1));
      });
      assert.ok(plan, warned.join("\n"));
      await withLocalCloud({ bitbucket: { minuteMs: 300, sources: plan.sources } }, async (cloud) => {
        if (file !== "max_time.yml") cloud.bitbucket.settings.minuteMs = 60_000;
        const pipeline = await runPipeline(cloud, plan);
        const lines = stepsOf(pipeline).flatMap((step) => step.output);
        const ended = stepsOf(pipeline).map(({ definition, result }) =>
          result === undefined ? definition.name : `${definition.name}: ${result}`
        );
        assert.deepEqual(ended, steps, lines.join("\n"));
        for (const line of output) {
          assert.ok(lines.some((one) => line.test(one)), `${line}\n${lines.join("\n")}`);
        }
        assert.equal(runExitCode(pipeline), exitCode);
        const summary = runSummary(plan.title, pipeline, []).join("\n");
        for (const { definition } of stepsOf(pipeline)) assert.ok(summary.includes(definition.name), summary);
      });
      assert.equal(warned.length, warnings.length, warned.join("\n"));
      warnings.forEach((warning, index) => assert.ok(warned[index]?.startsWith(warning), warned[index]));
      assert.equal(await gitIn(source, "rev-parse", "main"), before);
    });
  });
}

Deno.test(needing(["git"], "A deployment's environment is in the token of its step"), async () => {
  await withTemporaryFolder(async (folder) => {
    const plan = await planRun(requestFor("stages.yml", folder), folder, () => {});
    assert.ok(plan);
    await withLocalCloud({}, async (cloud) => {
      const pipeline = await runPipeline(cloud, plan);
      const step = stepsOf(pipeline)[1];
      const line = (beginning: string) =>
        step?.output.find((one) => one.startsWith(beginning))?.slice(beginning.length) ?? "";
      const uuid = line("environment staging ");
      const claims = JSON.parse(
        atob(line("token ").split(".")[1]?.replaceAll("-", "+").replaceAll("_", "/") ?? ""),
      );
      const repository = cloud.bitbucket.settings.repositories[0]?.uuid;
      assert.equal(claims.sub, `${repository}:${uuid}:${step?.uuid}`);
      assert.equal(claims.deploymentEnvironmentUuid, uuid);
    });
  });
});

Deno.test(needing(["git"], "What keeps a run from beginning is told before anything starts"), async () => {
  await withTemporaryFolder(async (folder) => {
    const refused: [Partial<RunRequest>, RegExp][] = [
      [
        { pipeline: "custom:release" },
        /^Cannot run pipeline: VERSION has no value and no default, so give --variable VERSION=…$/,
      ],
      [
        { pipeline: "custom:release", variables: { VERSION: "1", CHANNEL: "daily" } },
        /CHANNEL is «daily», and may be stable, beta$/,
      ],
      [
        { pipeline: "custom:weekly" },
        /has not a pipeline for custom:weekly, only custom: release, custom: nightly; --pipeline chooses one$/,
      ],
      [{}, /has not a pipeline for branch:main, only custom: release/],
      [{ pipeline: "nightly" }, /^Cannot use --pipeline nightly: it takes default, custom:NAME/],
      [
        { pipeline: "custom:nightly", source: `${folder}/none` },
        /^Cannot clone the source: .*none is no folder$/,
      ],
      [{ file: `${folder}/none.yml` }, /^Cannot read .*none\.yml/],
    ];
    for (const [request, message] of refused) {
      await assert.rejects(
        planRun({ ...requestFor("custom_variables.yml", folder), ...request }, folder, () => {}),
        {
          message,
        },
      );
    }
  });
});

Deno.test(
  needing(
    ["git"],
    "A source is a repository, a folder, or what git refuses; a folder within one is no repository",
  ),
  async () => {
    await withTemporaryFolder(async (folder) => {
      const source = `${folder}/source`;
      await makeRepository(source, [{ "README.md": "", "part/a.txt": "" }]);
      const planned = async (place: string, made: string) => {
        const warned: string[] = [];
        await Deno.mkdir(`${folder}/${made}`);
        const request = { ...requestFor("pull_requests.yml", place), pipeline: "default" };
        const plan = await planRun(request, `${folder}/${made}`, (line) => warned.push(line));
        return { branch: plan?.target.branch, warned: warned.join("\n") };
      };
      assert.deepEqual(await planned(source, "1"), { branch: "main", warned: "" });
      await gitIn(source, "checkout", "--quiet", "--detach");
      assert.deepEqual(await planned(source, "2"), { branch: "main", warned: "" });
      const part = await planned(`${source}/part`, "3");
      assert.match(part.warned, /^warning: .*part is no Git repository with a commit/);
      await Deno.writeTextFile(`${source}/.git/HEAD`, "broken");
      await assert.rejects(planned(source, "4"), {
        message: /^Cannot clone the source: git rev-parse answered /,
      });
    });
  },
);

Deno.test("A typing error in a key is an error with its line and column, and nothing is planned", async () => {
  await withTemporaryFolder(async (folder) => {
    const file = `${folder}/broken.yml`;
    await Deno.writeTextFile(
      file,
      "pipelines:\n  default:\n    - step:\n        scripts:\n          - make\n",
    );
    const warned: string[] = [];
    assert.equal(
      await planRun({ ...requestFor("", folder), file }, folder, (line) => warned.push(line)),
      undefined,
    );
    assert.ok(warned.some((line) => line.startsWith(`${file}:4:9: error: `)), warned.join("\n"));
  });
});

function requestFor(file: string, source: string): RunRequest {
  const path = new URL(`files/${file}`, import.meta.url).pathname;
  return { file: path, source, pipeline: undefined, variables: {}, approves: false };
}
