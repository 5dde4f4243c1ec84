import assert from "node:assert/strict";
import { agentSettings } from "../../../agent/settings/agent_settings.ts";
import { processesOf } from "../../../scripts/local_cloud/machine/process_tree.ts";
import type { LocalCloud } from "../../../scripts/local_cloud/start_local_cloud.ts";
import { flowEnded } from "../../../scripts/soak/flow.ts";
import { flowLog } from "../../../scripts/soak/flow_log.ts";
import { agentVariables } from "../../../shared/settings/forwarded_variables.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { needing } from "../../fixtures/needing.ts";
import { NEEDED_TOOLS, withFlowWorld } from "../flow_world.ts";

/**
 * The runner's environment and arguments too: the step's own has the repository's variables besides, with the credentials of
 * the test. It goes on until the test has looked at everything else.
 */
const STEP = [
  "tr '\\0' '\\n' </proc/$PPID/environ | sed 's/^/runner /'",
  "tr '\\0' ' ' </proc/$PPID/cmdline | sed 's/^/arguments /'; echo",
  "env; echo in=$PWD",
  'until [ -e "$CODEBUILD_SRC_DIR/go" ]; do sleep 0.1; done',
].join("; ");

/** What a flow can do with of the agent's, beside what start-runner sets in any case. */
const PLANTED = {
  RUNNER_LABEL: "canary",
  RUNNER_IDLE_TIMEOUT: "17",
  LOG_FORMAT: "json",
  DOCKER_CONTAINERD: "0",
};
const DECLARED: readonly string[] = Object.values(agentSettings).flatMap(({ variables }) => variables);
const OF_THE_AGENT = [...DECLARED, ...agentVariables()]
  .filter((name) => !name.startsWith("CODEBUILD_"));
/** What start.sh takes as variables just as well, and what the programs' wrappers and start.sh set for Deno. */
const OF_THE_RUNNER = [
  ...["ACCOUNT_UUID", "REPOSITORY_UUID", "RUNNER_UUID", "OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET", "RUNTIME"],
  ...["WORKING_DIRECTORY", "DENO_DIR", "DENO_NO_UPDATE_CHECK"],
];
const OF_THE_BUILD = ["MY_OWN", "AWS_REGION", "CODEBUILD_BUILD_ID", "CODEBUILD_SRC_DIR", "JAVA_HOME"];

Deno.test({
  ...needing(NEEDED_TOOLS, "a step gets the build's variables, and no secret and nothing of the agent's"),
  fn: async () => {
    await withFlowWorld({}, async ({ cloud, start }) => {
      const variables = { ...PLANTED, CODEBUILD_ENV_MY_OWN: "stays" };
      const pipeline = start({ steps: [STEP], variables });
      await cloud.happenings.until("step output", { where: ({ line }) => line.startsWith("in=") });
      const [build] = cloud.codeBuild.builds;
      const folder = `${cloud.codeBuild.settings.folder}/${build?.uuid}`;
      const ofBitbucket = await eventually("the state file holds no token", async () => {
        const state = await Deno.readTextFile(`${folder}/runner/state.json`);
        return state.includes("token") ? undefined : secretsOf(cloud);
      });
      assert.deepEqual(
        placesOf(ofBitbucket, processesOf(build?.uuid ?? "").map((pid) => `/proc/${pid}/cmdline`)),
        [],
      );
      assert.deepEqual(placesOf(ofBitbucket, filesBelow(`${folder}/runner`)), []);
      assert.deepEqual(placesOf(ofBitbucket, filesBelow(`${folder}/codebuild/output`)), []);
      await Deno.writeTextFile(`${folder}/codebuild/output/src1/src/go`, "");
      await flowEnded(cloud, pipeline);
      const log = flowLog(cloud, pipeline);
      assert.equal(pipeline.result, "SUCCESSFUL", log);
      const output = pipeline.items[1]?.[0]?.output ?? [];
      const ofRunner = output.filter((line) => line.startsWith("runner ")).map((line) => line.slice(7));
      const named = (lines: readonly string[]) => lines.map((line) => line.split("=")[0] ?? "");
      assert.deepEqual(OF_THE_AGENT.filter((name) => named(ofRunner).includes(name)), []);
      assert.deepEqual(OF_THE_RUNNER.filter((name) => named(output).includes(name)), []);
      assert.deepEqual(OF_THE_BUILD.filter((name) => !named(output).includes(name)), []);

      const shown = [...ofRunner, ...output.filter((line) => line.startsWith("arguments "))].join("\n");
      assert.match(shown, /arguments .*stand_in_runner\.ts @\/dev\/stdin/);
      for (const secret of ofBitbucket) assert.equal(shown.includes(secret), false);
      const [runner = ""] = ofBitbucket;
      assert.equal(output.join().includes(runner), false);
      assert.match(ofRunner.find((line) => line.startsWith("PATH=")) ?? "", /:\S+\/runner\/tools$/);
      assert.match(output.at(-1) ?? "", /^in=.*\/src\/bitbucket-runner\/build-\w+\//);
    });
  },
});

/** The runner's own first, then the consumers', and all tokens. */
function secretsOf({ bitbucket }: LocalCloud): string[] {
  const runners = bitbucket.runners.all.map(({ client }) => client.secret);
  assert.equal(runners.length, 1);
  const consumers = bitbucket.settings.consumers.map(({ secret }) => secret);
  return [...runners, ...consumers, ...bitbucket.credentials.tokens];
}

/** Those of the files that hold a secret. */
function placesOf(secrets: readonly string[], files: readonly string[]): string[] {
  return files.filter((file) => {
    const text = read(file);
    return secrets.some((secret) => text.includes(secret));
  });
}

function filesBelow(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesBelow(`${folder}/${name}`) : [`${folder}/${name}`]
  );
}

function read(file: string): string {
  try {
    return new TextDecoder("latin1").decode(Deno.readFileSync(file));
  } catch {
    // It is gone meanwhile.
    return "";
  }
}
