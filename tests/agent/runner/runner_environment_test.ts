import assert from "node:assert/strict";
import { runnerEnvironment } from "../../../agent/runner/runner_environment.ts";
import { agentVariables } from "../../../shared/settings/forwarded_variables.ts";

const OF_THE_AGENT = [
  ...["BITBUCKET_OAUTH_CLIENT_ID", "BITBUCKET_OAUTH_CLIENT_SECRET", "BITBUCKET_ACCESS_TOKEN"],
  ...["BITBUCKET_API_EMAIL", "BITBUCKET_API_TOKEN", "BITBUCKET_API_URL", "BITBUCKET_OAUTH_TOKEN_URL"],
  ...["WORKSPACE_UUID", "REPO_UUID", "PIPELINE_UUID", "LAUNCHER_STEP_UUID", "RUNNER_TYPE", "RUNNER_LABEL"],
  ...["RUNNER_HOME", "RUNNER_IMAGE", "RUNNER_IDLE_TIMEOUT", "RUNNER_RELEASE_URL", "MULTI_STEP"],
  ...["DOCKER_CONTAINERD", "BITBUCKET_POLL_INTERVAL", "LOG_FORMAT", "API_TIMEOUT"],
];
const OF_THE_BUILD = {
  BITBUCKET_BRANCH: "main",
  CODEBUILD_BUILD_ID: "app:1",
  CODEBUILD_SRC_DIR: "/codebuild/src",
  AWS_REGION: "eu-west-1",
  AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/v2/credentials",
  RUNNER_FLAVOUR: "mine",
  PATH: "/bin",
};

Deno.test("`runnerEnvironment()` leaves out what the agent reads, and nothing else", () => {
  const own = [...OF_THE_AGENT, ...agentVariables()].map((name) => [name, "x"]);
  assert.deepEqual(runnerEnvironment({ ...Object.fromEntries(own), ...OF_THE_BUILD }), OF_THE_BUILD);
});

Deno.test("`runnerEnvironment()` is the one maker of environments, and one file of the agent starts processes with them", async () => {
  const starters: string[] = [];
  const makers: string[] = [];
  for (const [path, text] of await agentSources()) {
    if (/\bexeca\b|child_process|Deno\.Command|Deno\.run|new Worker/.test(text)) starters.push(path);
    if (/\bas (?:ChildEnvironment|any|never)\b|@ts-/.test(text)) makers.push(path);
  }
  assert.deepEqual(starters, ["process/process.ts"]);
  assert.deepEqual(makers, ["runner/runner_environment.ts"]);
});

Deno.test("the agent's processes get that environment whole, and inherit nothing", async () => {
  const text = new Map(await agentSources()).get("process/process.ts") ?? "";
  const calls = text.split(/\bexeca\(/).slice(1).map((call) => call.slice(0, call.indexOf("});")));
  assert.equal(calls.length, 3);
  for (const call of calls) assert.match(call, /\n +env: options\.env,\n +extendEnv: false,/);
  assert.deepEqual(text.match(/readonly env: .*/g), calls.map(() => "readonly env: ChildEnvironment;"));
});

async function agentSources(folder = ""): Promise<[path: string, text: string][]> {
  const root = new URL("../../../agent/", import.meta.url);
  const entries = await Array.fromAsync(Deno.readDir(new URL(folder || ".", root)));
  const found = await Promise.all(entries.map(async ({ name, isDirectory }) => {
    if (isDirectory) return await agentSources(`${folder}${name}/`);
    const path = `${folder}${name}`;
    return name.endsWith(".ts")
      ? [[path, await Deno.readTextFile(new URL(path, root))] as [string, string]]
      : [];
  }));
  return found.flat();
}
