import assert from "node:assert/strict";
import type { LocalCloud, LocalCloudOptions } from "../../../scripts/local_cloud/start_local_cloud.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { withLocalCloud } from "../../fixtures/programs/local_cloud.ts";
import { laptopEnvironment, onLaptop } from "../builds/looked_at_builds.ts";
import {
  type Run,
  runInProcess,
  spawnStartRunner,
  stepEnvironment,
} from "../../fixtures/programs/start_runner.ts";
import { startFakeAws } from "../../fixtures/servers/fake_aws.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

interface Played {
  readonly cloud: LocalCloud;
  /** Runs `start --no-runner` with a buildspec of these commands in BUILD. */
  readonly run: (commands: readonly string[], more?: Options) => Promise<Omit<Run, "sleeps">>;
  readonly file: string;
}

interface Options {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

async function played(options: LocalCloudOptions, body: (played: Played) => Promise<void>): Promise<void> {
  await withLocalCloud(options, async (cloud) => {
    await withTemporaryFolder(async (folder) => {
      const file = `${folder}/job.yml`;
      const run = async (commands: readonly string[], { args = [], env = {} }: Options = {}) => {
        await Deno.writeTextFile(file, buildspec(commands));
        return await onLaptop(cloud, ["start", "--buildspec", file, "--no-runner", ...args], env);
      };
      await body({ cloud, run, file });
    });
  });
}

function buildspec(commands: readonly string[]): string {
  return JSON.stringify({ version: 0.2, phases: { build: { commands } } });
}

for (
  const [what, commands, code, said] of [
    ["0 for a build that succeeds", ["true"], 0, /has ended: SUCCEEDED$/m],
    [
      "the failed command's exit status",
      ["echo exit status 9; exit 7"],
      7,
      /FAILED in phase BUILD: exit status 7$/m,
    ],
    ["that of the last command as CodeBuild words it", ["(exit 255)"], 255, /exit status 255$/m],
  ] as const
) {
  Deno.test(`\`start --no-runner\` carries back ${what}`, async () => {
    await played({}, async ({ run, cloud }) => {
      const done = await run(commands);
      assert.equal(done.code, code, done.stderr);
      assert.match(done.stderr, said);
      assert.equal(cloud.codeBuild.running.length, 0);
    });
  });
}

Deno.test("`start --no-runner` gives the build its variables, and shows its log on stdout", async () => {
  await played({}, async ({ run, cloud }) => {
    const { code, stdout, stderr } = await run(
      ['echo "target $TARGET, $TWICE, $KIND, [$EMPTY] [$RUNNER_TYPE]"'],
      {
        args: ["--env", "TARGET=a b=c", "--env=TWICE=1", "--env", "TWICE=2", "--env", "EMPTY="],
        env: {
          CODEBUILD_ENV_KIND: "from the step",
          CODEBUILD_ENV_TARGET: "hidden by the flag",
          MULTI_STEP: "1",
        },
      },
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^target a b=c, 2, from the step, \[\] \[\]$/m);
    const sent = cloud.codeBuild.builds[0]?.input;
    assert.deepEqual(sent?.environmentVariablesOverride.map(({ name }) => name).sort(), [
      "EMPTY",
      "KIND",
      "TARGET",
      "TWICE",
    ]);
  });
});

Deno.test("`start --no-runner` runs the project's own buildspec where it is asked to, and two that are the same in one step", async () => {
  const projects = [{
    name: "bitbucket-runner",
    buildspec: buildspec(["sleep 1; echo own buildspec", "exit 3"]),
  }];
  await played({ projects }, async ({ cloud }) => {
    const step = { BITBUCKET_STEP_UUID: "{22222222-2222-4222-8222-222222222222}" };
    const runs = [1, 2].map(() => onLaptop(cloud, ["start", "--no-runner", "--custom-buildspec"], step));
    for (const { code, stdout } of await Promise.all(runs)) {
      assert.equal(code, 3);
      assert.match(stdout, /^own buildspec$/m);
    }
    assert.equal(cloud.codeBuild.builds.length, 2);
  });
});

Deno.test("`start --no-runner` says what fails before a command, and what a timeout is", async () => {
  await played({ codeBuild: { minuteMs: 300 } }, async ({ run, file, cloud }) => {
    const timedOut = await run(["sleep 600"], { args: ["--timeout", "5"] });
    assert.equal(timedOut.code, 6, timedOut.stderr);
    assert.match(timedOut.stderr, /ended with TIMED_OUT.*\nhint: raise --timeout/);
    await Deno.writeTextFile(file, "version: 0.1");
    const broken = await onLaptop(cloud, ["start", "--no-runner", "--buildspec", file]);
    assert.equal(broken.code, 1, broken.stderr);
    assert.match(broken.stderr, /FAILED in phase DOWNLOAD_SOURCE: YAML_FILE_ERROR: /);
  });
});

const UNSEEN = [
  ["is gone", { stages: ["not found"] }, /CodeBuild does not know it, for 1 min now/],
  [
    "AWS does not show",
    { lasting: { BatchGetBuilds: { error: "InternalFailure", status: 503 } } },
    /AWS does not show it, for \d\d min/,
  ],
] as const;
for (const [what, options, said] of UNSEEN) {
  Deno.test(`\`start --no-runner\` waits for no build for ever that ${what}, and stops it`, async () => {
    await using aws = startFakeAws(options);
    const args = ["start", "--no-runner", "--custom-buildspec"];
    const { code, stderr } = await runInProcess(stepEnvironment(aws), { args, speed: 1000 });
    assert.equal(code, 1, stderr);
    assert.match(stderr, said);
    assert.ok(aws.names().includes("StopBuild"));
  });
}

Deno.test("`start --no-runner` goes on without the log where that may not be read", async () => {
  await played({}, async ({ run, cloud }) => {
    cloud.faults.inject({ call: "GetLogEvents", kind: "forbidden", times: Infinity });
    const { code, stdout, stderr } = await run(["exit 4"]);
    assert.deepEqual([code, stdout], [4, ""], stderr);
    assert.match(stderr, /warning: Cannot call GetLogEvents.*waiting for the build's end without its log/);
  });
});

for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  Deno.test(`\`start --no-runner\` stops its build on ${signal}, at whatever stage, and ends with ${code}`, async () => {
    for (const phase of ["PROVISIONING", "BUILD"]) {
      const provisioningMs = phase === "PROVISIONING" ? 60_000 : 0;
      await played({ codeBuild: { provisioningMs } }, async ({ cloud, file }) => {
        await Deno.writeTextFile(file, buildspec(["sleep 600"]));
        const args = ["start", "--buildspec", file, "--no-runner"];
        const child = spawnStartRunner(laptopEnvironment(cloud), args);
        await eventually(
          "the build is there",
          () => cloud.codeBuild.builds[0]?.currentPhase === phase || undefined,
        );
        child.kill(signal);
        const { code: ended, stderr } = await child.output();
        assert.equal(ended, code, new TextDecoder().decode(stderr));
        assert.doesNotMatch(new TextDecoder().decode(stderr), /its runner/);
        assert.equal(cloud.codeBuild.builds[0]?.status, "STOPPED");
      });
    }
  });
}

Deno.test("`start --no-runner` refuses what cannot be, all of it at once, before anything is asked", async () => {
  await played({}, async ({ cloud, file, run }) => {
    const cases: [readonly string[], RegExp[]][] = [
      [["--no-runner"], [/Missing what to run: set --buildspec FILE/]],
      [["--buildspec", file], [/Missing --no-runner/]],
      [["--no-runner", "--buildspec", `${file}.not`], [/Cannot use «.*\.not» from --buildspec: /]],
      [["--no-runner", "--buildspec", "/dev/zero"], [
        /--buildspec: CodeBuild takes at most 25600 characters/,
      ]],
      [["--no-runner", "--custom-buildspec", "--label", "a", "--multi-step"], [
        /Cannot use --label with --no-runner/,
        /Cannot use --multi-step with --no-runner/,
      ]],
      [["--no-runner", "--custom-buildspec", "--env", "A-B=1", "--env", "PATH=/x", "--env", "REPO_UUID=1"], [
        /--env A-B: what stands before = must be a variable's name/,
        /--env PATH: PATH belongs to the CodeBuild project/,
        /--env REPO_UUID: REPO_UUID belongs to the agent/,
      ]],
      [["--no-runner", "--custom-buildspec", "--env", "LONE"], [
        /Cannot use the value given from --env: --env takes NAME=value/,
      ]],
    ];
    for (const [args, said] of cases) {
      const { code, stderr } = await onLaptop(cloud, ["start", ...args]);
      assert.equal(code, 2, stderr);
      for (const one of said) assert.match(stderr, one);
    }
    const secret = { BITBUCKET_ACCESS_TOKEN: "the-very-secret-token" };
    const told = await run(["true"], { args: ["--env", "T=x the-very-secret-token"], env: secret });
    assert.equal(told.code, 2);
    assert.match(told.stderr, /Cannot use --env T: its value is a secret.*CODEBUILD_SECRET_T/);
    assert.doesNotMatch(told.stderr, /very-secret/);
    assert.equal(cloud.requests.count(), 0);
  });
});
