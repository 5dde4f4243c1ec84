import type { ServerResponse } from "node:http";
import type { ApiRequest, Reply } from "./server/api_call.ts";
import { Account } from "./aws/account.ts";
import { identifyAccount } from "./aws/account_api.ts";
import { AwsCredentials } from "./aws/aws_credentials.ts";
import { Bitbucket } from "./bitbucket/bitbucket.ts";
import { identifyBitbucket } from "./bitbucket/bitbucket_api.ts";
import { type BitbucketSettings, DEFAULT_BITBUCKET_SETTINGS } from "./pipelines/bitbucket_settings.ts";
import { CodeBuild } from "./codebuild/codebuild.ts";
import { identifyCodeBuild } from "./codebuild/codebuild_api.ts";
import {
  type CodeBuildProject,
  type CodeBuildSettings,
  DEFAULT_CODEBUILD_SETTINGS,
} from "./codebuild/codebuild_project.ts";
import { Faults } from "./server/faults.ts";
import { Happenings } from "./server/happenings.ts";
import { type HttpServer, openHttpServer } from "./server/http_server.ts";
import { clientEnvironment, machineEnvironment, projectWithConsumer } from "./local_cloud_env.ts";
import { Kms } from "./aws/kms.ts";
import { identifyKms } from "./aws/kms_api.ts";
import { identifyQuotas } from "./aws/quotas_api.ts";
import { identifyLogs } from "./aws/logs_api.ts";
import { OidcTokens } from "./pipelines/oidc_tokens.ts";
import { releaseFile } from "./server/release_files.ts";
import { RequestLog } from "./server/request_log.ts";
import { stackMaker } from "./stack_makers.ts";
import { Stacks } from "./aws/stacks.ts";
import { identifySts, type Role, type RoleTrust } from "./aws/sts.ts";

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
  /** Whom the role trusts; every step when left out. */
  readonly trust?: RoleTrust;
}

/** A running local cloud. */
export interface LocalCloud {
  readonly url: string;
  /** The same as a Unix socket, for runners in containers, which have no network to reach loopback by. */
  readonly socket: string;
  /** What a pipeline step, or a person's shell, needs to reach it. */
  readonly env: Readonly<Record<string, string>>;
  readonly codeBuild: CodeBuild;
  readonly account: Account;
  readonly kms: Kms;
  readonly bitbucket: Bitbucket;
  /** Issues tokens as steps with `oidc: true` have them. */
  readonly oidcTokens: OidcTokens;
  readonly faults: Faults;
  readonly requests: RequestLog;
  readonly happenings: Happenings;
  /** Ends all builds, pipelines and connections, and removes all files. */
  close(): Promise<void>;
}

const LONGEST_BUILD_S = 2160 * 60;
const DEFAULT_PROJECT = "bitbucket-runner";

/** Starts STS, CodeBuild, CloudWatch Logs, KMS and Bitbucket on one port of this machine. */
export async function startLocalCloud(options: LocalCloudOptions = {}): Promise<LocalCloud> {
  // Unlike the names of its secrets, of which no piece is shown in a log.
  const folder = await Deno.makeTempDir({ prefix: "localcloud-" });
  const socket = `${folder}/socket`;
  try {
    const server = await openHttpServer(options.port ?? 0, socket);
    return { ...await cloudBehind(server, folder, options), socket };
  } catch (error) {
    await Deno.remove(folder, { recursive: true });
    throw error;
  }
}

async function cloudBehind(
  server: HttpServer,
  folder: string,
  options: LocalCloudOptions,
): Promise<Omit<LocalCloud, "socket">> {
  const { url } = server;
  const happenings = new Happenings();
  const faults = new Faults();
  const requests = new RequestLog();
  const credentials = new AwsCredentials();
  const settings = { ...DEFAULT_BITBUCKET_SETTINGS, ...options.bitbucket, folder: `${folder}/steps` };
  const serviceRole = credentials.issue(LONGEST_BUILD_S, "build");
  const machineEnv = {
    ...await machineEnvironment(folder, url, serviceRole),
    ...options.codeBuild?.machineEnv,
  };
  const given = { ...DEFAULT_CODEBUILD_SETTINGS, ...options.codeBuild };
  const role: Role = {
    arn: `arn:aws:iam::${given.accountId}:role/bitbucket-runner`,
    maxSessionS: options.maxSessionS ?? 3600,
    trust: options.trust,
  };
  const account = new Account(given, [role], given.secretsManager);
  const aws = { ...given, folder: `${folder}/builds`, machineEnv, secretsManager: account.secretValues };
  const project = options.projects?.[0]?.name ?? DEFAULT_PROJECT;
  const kms = new Kms(aws.region, aws.accountId);
  const client = { region: aws.region, roleArn: role.arn, project, keyArn: kms.arn() };
  const reach = clientEnvironment(url, client, settings);
  // The default project has the consumer; start-runner needs it beside that to remove the runner of a start that failed.
  const env = options.projects === undefined ? { ...reach, RUNNER_CREDENTIALS: "project" } : reach;

  const oidcTokens = new OidcTokens(settings.oidcLifetimeS);
  const bitbucket = new Bitbucket(settings, happenings, oidcTokens);
  const projects = options.projects ?? [projectWithConsumer(DEFAULT_PROJECT, env)];
  const codeBuild = new CodeBuild(projects, aws, happenings);
  const stacks = new Stacks(account, stackMaker(account, codeBuild));
  server.serve({
    faults,
    requests,
    happenings,
    identify: (request) =>
      identifyAccount({ account, stacks }, credentials, request) ??
        identifySts({ credentials, oidcTokens, roles: account.roles }, request) ??
        identifyCodeBuild(codeBuild, credentials, request) ??
        identifyLogs((group, stream) => codeBuild.logStream(group, stream), credentials, request) ??
        identifyKms(kms, credentials, request) ??
        identifyQuotas(() => codeBuild.settings.concurrentBuilds, credentials, request) ??
        identifyBitbucket(bitbucket, request),
    other: (request, response) => answerOther(bitbucket, options.releaseFolder, request, response),
  });
  const close = async () => {
    await Promise.all([bitbucket.close(), codeBuild.close()]);
    await server.close();
    await Deno.remove(folder, { recursive: true });
  };
  return { url, env, codeBuild, account, kms, bitbucket, oidcTokens, faults, requests, happenings, close };
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
