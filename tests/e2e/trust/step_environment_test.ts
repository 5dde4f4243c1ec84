import assert from "node:assert/strict";
import { agentSettings } from "../../../agent/settings/agent_settings.ts";
import { flowEnded } from "../../../scripts/soak/flow.ts";
import { flowLog } from "../../../scripts/soak/flow_log.ts";
import { agentVariables } from "../../../shared/settings/forwarded_variables.ts";
import { needing } from "../../fixtures/needing.ts";
import { NEEDED_TOOLS, withFlowWorld } from "../flow_world.ts";

/** The runner's environment too: the step's own has the repository's variables besides, with the credentials of the test. */
const STEP = "tr '\\0' '\\n' </proc/$PPID/environ | sed 's/^/runner /'; env; echo in=$PWD";

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
      await cloud.happenings.until("runner registered");
      const secrets = cloud.bitbucket.runners.all.map(({ client }) => client.secret);
      assert.equal(secrets.length, 1);
      await flowEnded(cloud, pipeline);
      const log = flowLog(cloud, pipeline);
      assert.equal(pipeline.result, "SUCCESSFUL", log);
      const output = pipeline.items[1]?.[0]?.output ?? [];
      const ofRunner = output.filter((line) => line.startsWith("runner ")).map((line) => line.slice(7));
      const named = (lines: readonly string[]) => lines.map((line) => line.split("=")[0] ?? "");
      assert.deepEqual(OF_THE_AGENT.filter((name) => named(ofRunner).includes(name)), []);
      assert.deepEqual(OF_THE_RUNNER.filter((name) => named(output).includes(name)), []);
      assert.deepEqual(OF_THE_BUILD.filter((name) => !named(output).includes(name)), []);

      secrets.push(...cloud.bitbucket.settings.consumers.map(({ secret }) => secret));
      for (const secret of secrets) assert.equal(ofRunner.join().includes(secret), false);
      assert.equal(output.join().includes(secrets[0] ?? ""), false);
      assert.match(ofRunner.find((line) => line.startsWith("PATH=")) ?? "", /:\S+\/runner\/tools$/);
      assert.match(output.at(-1) ?? "", /^in=.*\/src\/bitbucket-runner\/build-\w+\//);
    });
  },
});
