import type { AddressInfo } from "node:net";
import type { ServerResponse } from "node:http";
import type { ApiRequest, Reply } from "./api_call.ts";
import { AwsCredentials, STATIC_CREDENTIALS } from "./aws_credentials.ts";
import { Bitbucket } from "./bitbucket.ts";
import { identifyBitbucket } from "./bitbucket_api.ts";
import { type BitbucketSettings, DEFAULT_BITBUCKET_SETTINGS } from "./bitbucket_settings.ts";
import { CodeBuild } from "./codebuild.ts";
import { identifyCodeBuild } from "./codebuild_api.ts";
import type { CodeBuildProject, CodeBuildSettings } from "./codebuild_project.ts";
import { Faults } from "./faults.ts";
import { Happenings } from "./happenings.ts";
import { type ServerParts, startHttpServer, stopHttpServer } from "./http_server.ts";
import { javaHome } from "./java_shim.ts";
import { identifyLogs } from "./logs_api.ts";
import { OidcTokens } from "./oidc_tokens.ts";
import { releaseFile } from "./release_files.ts";
import { RequestLog } from "./request_log.ts";
import { identifySts, type Role } from "./sts.ts";

export interface LocalCloudOptions {
  /** Port on loopback; a free one when left out. */
  readonly port?: number;
  /** A release made by `deno task release`, served below /release/. */
  readonly releaseFolder?: string;
  /** CodeBuild projects; one called «bitbucket-runner» when left out. */
  readonly projects?: readonly CodeBuildProject[];
  readonly codeBuild?: Partial<Omit<CodeBuildSettings, "folder">>;
  readonly bitbucket?: Partial<Omit<BitbucketSettings, "folder">>;
  /** Longest session of the role in seconds (AWS's default is 3600). */
  readonly maxSessionS?: number;
}

/** A running local cloud. */
export interface LocalCloud {
  readonly url: string;
  /** The same as a Unix socket, for runners in containers, which have no network to reach loopback by. */
  readonly socket: string;
  /** What a pipeline step, or a person's shell, needs to reach it. */
  readonly env: Readonly<Record<string, string>>;
  readonly codeBuild: CodeBuild;
  readonly bitbucket: Bitbucket;
  readonly faults: Faults;
  readonly requests: RequestLog;
  readonly happenings: Happenings;
  /** Ends all builds, pipelines and connections, and removes all files. */
  close(): Promise<void>;
}

const ACCOUNT_ID = "123456789012";
const ROLE_ARN = `arn:aws:iam::${ACCOUNT_ID}:role/bitbucket-runner`;

/** Starts STS, CodeBuild, CloudWatch Logs and Bitbucket on one port of this machine. */
export async function startLocalCloud(options: LocalCloudOptions = {}): Promise<LocalCloud> {
  const folder = await Deno.makeTempDir({ prefix: "local-cloud-" });
  const happenings = new Happenings();
  const faults = new Faults();
  const requests = new RequestLog();
  const oidcTokens = new OidcTokens(
    options.bitbucket?.oidcLifetimeS ?? DEFAULT_BITBUCKET_SETTINGS.oidcLifetimeS,
  );
  const credentials = new AwsCredentials();
  const roles: Role[] = [{ arn: ROLE_ARN, maxSessionS: options.maxSessionS ?? 3600 }];
  const machineEnv: Record<string, string> = {};
  const codeBuildSettings = codeBuildSettingsOf(options, `${folder}/builds`, machineEnv);
  const projects = options.projects ?? [];
  const codeBuild = new CodeBuild(projects, codeBuildSettings, happenings);
  const settings = { ...DEFAULT_BITBUCKET_SETTINGS, ...options.bitbucket, folder: `${folder}/steps` };
  const bitbucket = new Bitbucket(settings, happenings, oidcTokens);

  const parts: ServerParts = {
    faults,
    requests,
    happenings,
    identify: (request) =>
      identifySts({ credentials, oidcTokens, roles }, request) ??
        identifyCodeBuild(codeBuild, credentials, request) ??
        identifyLogs((group, stream) => codeBuild.logStream(group, stream), credentials, request) ??
        identifyBitbucket(bitbucket, request),
    other: (request, response) => answerOther(bitbucket, options.releaseFolder, request, response),
  };
  const server = await startHttpServer(parts, { hostname: "127.0.0.1", port: options.port ?? 0 });
  const socket = `${folder}/socket`;
  const socketServer = await startHttpServer(parts, { path: socket });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  Object.assign(machineEnv, await buildMachineEnv(folder, url), options.codeBuild?.machineEnv);
  const env = clientEnv(url, codeBuildSettings.region, settings, options);
  if (options.projects === undefined) codeBuild.projects.set(DEFAULT_PROJECT, defaultProject(env));

  return {
    url,
    socket,
    env,
    codeBuild,
    bitbucket,
    faults,
    requests,
    happenings,
    close: async () => {
      await Promise.all([bitbucket.close(), codeBuild.close()]);
      await Promise.all([stopHttpServer(server), stopHttpServer(socketServer)]);
      await Deno.remove(folder, { recursive: true });
    },
  };
}

const DEFAULT_PROJECT = "bitbucket-runner";

/** Carries the OAuth consumer, as a project that keeps it in Parameter Store does. */
function defaultProject(env: Readonly<Record<string, string>>): CodeBuildProject {
  const names = [
    "BITBUCKET_API_URL",
    "BITBUCKET_OAUTH_TOKEN_URL",
    "BITBUCKET_OAUTH_CLIENT_ID",
    "BITBUCKET_OAUTH_CLIENT_SECRET",
  ];
  return {
    name: DEFAULT_PROJECT,
    environmentVariables: names.map((name) => ({ name, value: env[name] ?? "" })),
  };
}

async function answerOther(
  bitbucket: Bitbucket,
  releaseFolder: string | undefined,
  request: ApiRequest,
  response: ServerResponse,
): Promise<Reply | undefined> {
  const action = /^\/stand-in-runner\/(\w+)$/.exec(request.url.pathname)?.[1];
  if (action !== undefined) return bitbucket.protocol.answer(action, request, response);
  return await releaseFile(releaseFolder, request);
}

function codeBuildSettingsOf(
  options: LocalCloudOptions,
  folder: string,
  machineEnv: Readonly<Record<string, string>>,
): CodeBuildSettings {
  return {
    region: "eu-central-1",
    accountId: ACCOUNT_ID,
    concurrentBuilds: 20,
    provisioningMs: 0,
    minuteMs: 60_000,
    parameterStore: {},
    secretsManager: {},
    ...options.codeBuild,
    folder,
    machineEnv,
  };
}

/** What CodeBuild's images set, and where a stand-in runner finds the local Bitbucket. */
async function buildMachineEnv(folder: string, url: string): Promise<Record<string, string>> {
  const java = await javaHome(folder);
  const dockerHost = Deno.env.get("DOCKER_HOST");
  return {
    PATH: `${java}/bin:${Deno.env.get("PATH") ?? "/usr/local/bin:/usr/bin:/bin"}`,
    JAVA_HOME: java,
    LOCAL_CLOUD_URL: url,
    ...(dockerHost === undefined ? {} : { DOCKER_HOST: dockerHost }),
  };
}

function clientEnv(
  url: string,
  region: string,
  settings: BitbucketSettings,
  options: LocalCloudOptions,
): Record<string, string> {
  const [consumer] = settings.consumers;
  const [project] = options.projects ?? [{ name: DEFAULT_PROJECT }];
  return {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: STATIC_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: STATIC_CREDENTIALS.secretAccessKey,
    AWS_ROLE_ARN: ROLE_ARN,
    CODEBUILD_PROJECT: project?.name ?? DEFAULT_PROJECT,
    BITBUCKET_API_URL: `${url}/2.0`,
    BITBUCKET_OAUTH_TOKEN_URL: `${url}/site/oauth2/access_token`,
    ...(consumer === undefined ? {} : {
      BITBUCKET_OAUTH_CLIENT_ID: consumer.key,
      BITBUCKET_OAUTH_CLIENT_SECRET: consumer.secret,
    }),
    RUNNER_RELEASE_URL: `${url}/release`,
  };
}
