import { REPOSITORY, WORKSPACE } from "../fixtures/fake_bitbucket_state.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** What CodeBuild and start-runner set, for a fake Bitbucket. */
export function agentEnvironment(bitbucketUrl: string, runnerHome: string): Record<string, string> {
  return {
    WORKSPACE_UUID: WORKSPACE,
    REPO_UUID: REPOSITORY,
    PIPELINE_UUID: "{p}",
    CODEBUILD_BUILD_ID: "app:1",
    RUNNER_HOME: runnerHome,
    BITBUCKET_API_URL: `${bitbucketUrl}/2.0`,
    BITBUCKET_OAUTH_TOKEN_URL: `${bitbucketUrl}/site/oauth2/access_token`,
    BITBUCKET_OAUTH_CLIENT_ID: "consumer-key",
    BITBUCKET_OAUTH_CLIENT_SECRET: "consumer-secret",
  };
}

/** Starts the agent as a process of its own, with the permissions it is released with. */
export function spawnAgent(env: Record<string, string>, args: readonly string[]): Deno.ChildProcess {
  const kept = ["HOME", "DENO_DIR", "PATH", "TMPDIR"].flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "--no-prompt", "-P=codebuild-agent", `${ROOT}agent/main.ts`, ...args],
    env: { ...Object.fromEntries(kept), ...env },
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs the agent until it ends. */
export async function runAgentProcess(
  env: Record<string, string>,
  args: readonly string[],
): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await spawnAgent(env, args).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}
