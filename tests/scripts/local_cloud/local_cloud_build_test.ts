import assert from "node:assert/strict";
import { GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { stringify } from "yaml";
import type { Build } from "../../../scripts/local_cloud/codebuild/build.ts";
import type { EnvironmentVariable } from "../../../scripts/local_cloud/codebuild/codebuild_project.ts";
import { processesOf } from "../../../scripts/local_cloud/machine/process_tree.ts";
import type { LocalCloud } from "../../../scripts/local_cloud/start_local_cloud.ts";
import { awsClients, withLocalCloud } from "../../fixtures/programs/local_cloud.ts";
import { needing } from "../../fixtures/needing.ts";

type Phases = Record<string, { commands?: string[]; finally?: string[]; "on-failure"?: string }>;

const say = (phase: string) => ({ commands: [`echo ran ${phase} $CODEBUILD_BUILD_SUCCEEDING`] });

// What a failing phase does to those after it: CodeBuild's transition rules.
const RULES: [name: string, phases: Phases, status: string, printed: string[]][] = [
  [
    "all phases run in order when nothing fails",
    {
      install: say("install"),
      pre_build: say("pre_build"),
      build: say("build"),
      post_build: say("post_build"),
    },
    "SUCCEEDED",
    ["ran install 1", "ran pre_build 1", "ran build 1", "ran post_build 1"],
  ],
  [
    "a failed install ends the build",
    { install: { commands: ["false"] }, pre_build: say("pre_build"), post_build: say("post_build") },
    "FAILED",
    [],
  ],
  [
    "a failed pre_build ends the build without post_build, but with its own finally",
    {
      pre_build: { commands: ["false", "echo no"], finally: ["echo cleaned up"] },
      post_build: say("post_build"),
    },
    "FAILED",
    ["cleaned up"],
  ],
  [
    "post_build runs after a failed build, and can see that it failed",
    { build: { commands: ["exit 7", "echo no"] }, post_build: say("post_build") },
    "FAILED",
    ["ran post_build 0"],
  ],
  [
    "on-failure ABORT keeps post_build from running after a failed build",
    { build: { commands: ["false"], "on-failure": "ABORT" }, post_build: say("post_build") },
    "FAILED",
    [],
  ],
  [
    "on-failure CONTINUE goes on after a failed install",
    { install: { commands: ["false"], "on-failure": "CONTINUE" }, build: say("build") },
    "FAILED",
    ["ran build 0"],
  ],
  [
    "a failing command under finally fails the phase",
    { build: { commands: ["true"], finally: ["false"] } },
    "FAILED",
    [],
  ],
  [
    "variables, functions and the current folder stay from command to command and from phase to phase",
    {
      install: { commands: ["own=kept; shout() { echo heard $1; }", "cd /usr"] },
      build: { commands: ["shout $own", "pwd"] },
    },
    "SUCCEEDED",
    ["heard kept", "/usr"],
  ],
  [
    "`exit 0` ends the command, not the build, and exported variables survive it",
    { build: { commands: ["export own=kept; exit 0", "echo still $own"] } },
    "SUCCEEDED",
    ["still kept"],
  ],
];

for (const [name, phases, status, printed] of RULES) {
  Deno.test(`In a build ${name}`, async () => {
    await withLocalCloud({}, async (cloud) => {
      const build = await run(cloud, phases);
      assert.deepEqual(outputOf(build), printed);
      assert.equal(build.status, status);
    });
  });
}

Deno.test("A failing command is named in the phase's context, as CodeBuild words it", async () => {
  await withLocalCloud({}, async (cloud) => {
    const build = await run(cloud, { build: { commands: ["(exit 9)"] } });
    assert.deepEqual(build.phases.find(({ phaseType }) => phaseType === "BUILD")?.contexts, [{
      statusCode: "COMMAND_EXECUTION_ERROR",
      message: "Error while executing command: (exit 9). Reason: exit status 9",
    }]);
  });
});

Deno.test("A buildspec that is no YAML fails in DOWNLOAD_SOURCE with YAML_FILE_ERROR", async () => {
  await withLocalCloud({}, async (cloud) => {
    const build = cloud.codeBuild.start({ ...input({}), buildspecOverride: "version: [" });
    await cloud.codeBuild.ended(build.id);
    const phase = build.phases.find(({ phaseType }) => phaseType === "DOWNLOAD_SOURCE");
    assert.equal(phase?.contexts?.[0]?.statusCode, "YAML_FILE_ERROR");
    assert.equal(build.status, "FAILED");
  });
});

Deno.test("StartBuild's variables go before the project's, those before the buildspec's", async () => {
  const projects = [{
    name: "ci",
    environmentVariables: [{ name: "A", value: "project" }, { name: "B", value: "project" }],
  }];
  await withLocalCloud({ projects }, async (cloud) => {
    const build = cloud.codeBuild.start({
      ...input({ build: { commands: ["echo $A $B $C", "echo $CODEBUILD_BUILD_ID"] } }, {
        A: "spec",
        B: "spec",
        C: "spec",
      }),
      projectName: "ci",
      environmentVariablesOverride: [{ name: "A", value: "start" }],
    });
    await cloud.codeBuild.ended(build.id);
    assert.deepEqual(outputOf(build), ["start project spec", build.id]);
  });
});

Deno.test("A build sees nothing of the environment that the local cloud itself runs in", async () => {
  Deno.env.set("LOCAL_CLOUD_TEST_SECRET", "seen");
  try {
    await withLocalCloud({}, async (cloud) => {
      const build = await run(cloud, {
        build: { commands: ['echo "${LOCAL_CLOUD_TEST_SECRET:-not seen}"'] },
      });
      assert.deepEqual(outputOf(build), ["not seen"]);
    });
  } finally {
    Deno.env.delete("LOCAL_CLOUD_TEST_SECRET");
  }
});

Deno.test("Values of Parameter Store and Secrets Manager reach the build, and are masked in its log", async () => {
  const codeBuild = {
    parameterStore: { "/ci/key": "key-value" },
    secretsManager: { consumer: "secret-value" },
  };
  await withLocalCloud({ codeBuild }, async (cloud) => {
    const variables: EnvironmentVariable[] = [
      { name: "KEY", value: "/ci/key", type: "PARAMETER_STORE" },
      { name: "SECRET", value: "consumer", type: "SECRETS_MANAGER" },
    ];
    const commands = ['[ "$KEY" = key-value ]', 'echo "$SECRET"'];
    const build = cloud.codeBuild.start({
      ...input({ build: { commands } }),
      environmentVariablesOverride: variables,
    });
    await cloud.codeBuild.ended(build.id);
    assert.equal(build.status, "SUCCEEDED");
    assert.deepEqual(outputOf(build), ["***"]);
  });
});

const ENDINGS = [
  ["StopBuild", "STOPPED"],
  ["a container that vanishes", "FAULT"],
] as const;

for (const [what, status] of ENDINGS) {
  Deno.test(
    needing(
      ["setsid"],
      `${what} kills every process, those in other sessions too, and runs neither finally nor post_build`,
    ),
    async () => {
      await withLocalCloud({}, async (cloud) => {
        const build = cloud.codeBuild.start(input({
          build: {
            commands: ["setsid sleep 300 & setsid sleep 300 & echo waiting; wait"],
            finally: ["echo finally"],
          },
          post_build: say("post_build"),
        }));
        await cloud.happenings.until("build output", { where: ({ line }) => line === "waiting" });
        assert.ok(processesOf(build.uuid).length >= 1);
        cloud.codeBuild.end(build.id, status);
        await cloud.codeBuild.ended(build.id);
        assert.equal(build.status, status);
        assert.deepEqual(outputOf(build), ["waiting"]);
        assert.deepEqual(processesOf(build.uuid), []);
      });
    },
  );
}

Deno.test("A build beyond its timeout ends TIMED_OUT", async () => {
  await withLocalCloud({ codeBuild: { minuteMs: 20 } }, async (cloud) => {
    const build = cloud.codeBuild.start({
      ...input({ build: { commands: ["sleep 300"] } }),
      timeoutInMinutesOverride: 5,
    });
    await cloud.codeBuild.ended(build.id);
    assert.equal(build.status, "TIMED_OUT");
    assert.equal(build.phases.at(-2)?.phaseStatus, "TIMED_OUT");
  });
});

Deno.test(needing(["setsid"], "What a build left in the background ends with it"), async () => {
  await withLocalCloud({}, async (cloud) => {
    const build = await run(cloud, { build: { commands: ["setsid sleep 300 </dev/null & echo left it"] } });
    assert.equal(build.status, "SUCCEEDED");
    assert.deepEqual(processesOf(build.uuid), []);
  });
});

Deno.test("GetLogEvents pages through a build's log; at its end the token stays the same", async () => {
  await withLocalCloud({}, async (cloud) => {
    const build = await run(cloud, { build: { commands: ["echo one", "echo two"] } });
    const { logs } = awsClients(cloud);
    const page = {
      logGroupName: build.log.groupName,
      logStreamName: build.log.streamName,
      startFromHead: true,
      limit: 7,
    };
    const messages: (string | undefined)[] = [];
    let empty = 0;
    let token: string | undefined;
    for (;;) {
      const answer = await logs.send(new GetLogEventsCommand({ ...page, nextToken: token }));
      if (answer.nextForwardToken === token) break;
      if (answer.events?.length === 0) empty++;
      messages.push(...(answer.events ?? []).map(({ message }) => message));
      token = answer.nextForwardToken;
    }
    assert.deepEqual(messages, build.log.events.map(({ message }) => message));
    assert.ok(messages.includes("two\n"));
    assert.ok(empty > 0, "an empty page is no end");
    const last = await logs.send(new GetLogEventsCommand({ ...page, startFromHead: false, limit: 2 }));
    assert.deepEqual(last.events?.map(({ message }) => message), messages.slice(-2));
  });
});

Deno.test("GetLogEvents on a stream that does not exist is refused with ResourceNotFoundException", async () => {
  await withLocalCloud({}, async (cloud) => {
    const command = new GetLogEventsCommand({ logGroupName: "/aws/codebuild/x", logStreamName: "y" });
    await assert.rejects(awsClients(cloud).logs.send(command), { name: "ResourceNotFoundException" });
  });
});

function input(phases: Phases, variables: Record<string, string> = {}) {
  return {
    projectName: "bitbucket-runner",
    buildspecOverride: stringify({ version: 0.2, env: { variables }, phases }),
    environmentVariablesOverride: [] as EnvironmentVariable[],
  };
}

async function run(cloud: LocalCloud, phases: Phases): Promise<Build> {
  const build = cloud.codeBuild.start(input(phases));
  await cloud.codeBuild.ended(build.id);
  return build;
}

/** What the commands printed, without CodeBuild's own lines. */
function outputOf(build: Build): string[] {
  return build.log.events.map(({ message }) => message.trimEnd()).filter((line) =>
    !line.startsWith("[Container]")
  );
}
