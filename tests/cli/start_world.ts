import { runProgram } from "../../cli/program.ts";
import type { Host } from "../../shared/host.ts";
import { systemHost } from "../../shared/system_host.ts";
import type { FakeAws } from "../fixtures/fake_aws.ts";
import type { FakeBitbucket } from "../fixtures/fake_bitbucket.ts";
import { REPOSITORY, WORKSPACE } from "../fixtures/fake_bitbucket_state.ts";

/** What a step of a pipeline has in its environment, and nothing of this machine's. */
export function stepEnvironment(
  aws: Pick<FakeAws, "url">,
  more: Record<string, string> = {},
): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: aws.url,
    AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/start-runner",
    CODEBUILD_PROJECT: "ci",
    CODEBUILD_REGION: "eu-west-1",
    API_TIMEOUT: "1",
    BITBUCKET_STEP_OIDC_TOKEN: "oidc-token-of-this-step",
    BITBUCKET_PIPELINE_UUID: "{11111111-1111-4111-8111-111111111111}",
    BITBUCKET_STEP_UUID: "{22222222-2222-4222-8222-222222222222}",
    BITBUCKET_REPO_UUID: REPOSITORY,
    BITBUCKET_REPO_OWNER_UUID: WORKSPACE,
    BITBUCKET_WORKSPACE: "acme",
    BITBUCKET_REPO_SLUG: "app",
    BITBUCKET_BUILD_NUMBER: "7",
    ...more,
  };
}

/** What makes start-runner able to reach Bitbucket. */
export function bitbucketEnvironment(bitbucket: FakeBitbucket): Record<string, string> {
  return {
    BITBUCKET_API_URL: `${bitbucket.url}/2.0`,
    BITBUCKET_OAUTH_TOKEN_URL: `${bitbucket.url}/site/oauth2/access_token`,
    BITBUCKET_OAUTH_CLIENT_ID: "consumer-key",
    BITBUCKET_OAUTH_CLIENT_SECRET: "consumer-secret",
  };
}

export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The lengths of all sleeps the program asked for, in milliseconds. */
  readonly sleeps: readonly number[];
}

export interface InProcessOptions {
  readonly args?: readonly string[];
  readonly signal?: AbortSignal;
  /** How many times faster than a clock on the wall the program's waits go by. */
  readonly speed?: number;
}

/** Runs start-runner in this process against the server, its waits going by fast. */
export async function runInProcess(
  env: Record<string, string>,
  options: InProcessOptions = {},
): Promise<Run> {
  const speed = options.speed ?? 100;
  const output = { stdout: "", stderr: "" };
  const sleeps: number[] = [];
  const real = systemHost();
  const host: Host = {
    ...real,
    env,
    stdout: { write: (text) => output.stdout += text },
    stderr: { write: (text) => output.stderr += text },
    monotonicMs: () => real.monotonicMs() * speed,
    sleep: (ms, signal) => {
      sleeps.push(ms);
      return real.sleep(ms / speed, signal);
    },
  };
  const code = await runProgram(options.args ?? [], host, options.signal ?? new AbortController().signal);
  return { code, ...output, sleeps };
}

/** Starts start-runner as a process of its own, with nothing in its environment but what is given. */
export function spawnStartRunner(
  env: Record<string, string>,
  args: readonly string[] = [],
): Deno.ChildProcess {
  const root = new URL("../../", import.meta.url).pathname;
  const kept = ["HOME", "DENO_DIR", "PATH", "TMPDIR"].flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-A", `${root}cli/main.ts`, ...args],
    env: { ...Object.fromEntries(kept), ...env },
    clearEnv: true,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs start-runner as a process of its own until it ends. */
export async function runProcess(
  env: Record<string, string>,
  args: readonly string[] = [],
): Promise<Omit<Run, "sleeps">> {
  const { code, stdout, stderr } = await spawnStartRunner(env, args).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}
