import type { Project } from "../../shared/aws/aws_codebuild.ts";
import type { Host } from "../../shared/program/host.ts";
import type { Logger } from "../../shared/output/log.ts";
import { hasEnded } from "../../shared/aws/has_ended.ts";
import { AwsSession } from "../aws/aws_session.ts";
import { sessionDurationS } from "../aws/role_session.ts";
import { type Answer, ask } from "./answer.ts";
import {
  bitbucketFindings,
  bitbucketUnknown,
  buildsBehind,
  clockFinding,
  runnerFindings,
} from "./check_bitbucket.ts";
import { buildMachine, machineFindings } from "./check_machine.ts";
import { logPlace, permissionFindings, tryCalls } from "./check_permissions.ts";
import { projectFindings } from "./check_project.ts";
import { askQuota, askRunning, quotaFindings } from "./check_quota.ts";
import { fetchChecksums, releaseFinding } from "./check_release.ts";
import { isLetIn, roleFindings } from "./check_role.ts";
import { tokenFindings } from "./check_token.ts";
import {
  credentialFindings,
  credentialKind,
  plainProjectCredentials,
  referenceFinding,
  referencesOf,
} from "./check_variables.ts";
import type { DoctorConfig } from "./doctor_config.ts";
import { fail, type Finding, ok, unknown } from "./finding.ts";

/** What doctor looks at the set-up with. */
export interface Examination {
  readonly host: Host;
  readonly log: Logger;
  readonly config: DoctorConfig;
  /** Of the configuration. */
  readonly problems: readonly string[];
  readonly signal: AbortSignal;
}

/** Makes every check, whatever the others come to; those that lack what another would have told are «unknown». Changes nothing. */
export async function examine(examination: Examination): Promise<Finding[]> {
  const { host, config, problems } = examination;
  const checksums = beginRelease(examination);
  const aws = await examineAws(examination);
  const { project, machine } = aws;
  const bitbucket = await examineBitbucket(examination, project, aws.session);
  return [
    ...configurationFindings(problems),
    ...tokenFindings(config, host.now()),
    ...aws.findings,
    ...machineFindings(config, machine),
    ...credentialFindings(config, project),
    ...bitbucket,
    releaseFinding(config, await checksums, archOf(machine.environmentType)),
  ];
}

function configurationFindings(problems: readonly string[]): Finding[] {
  if (problems.length === 0) return [ok("configuration", "a start would take it")];
  return problems.map((problem) =>
    fail("configuration", problem, "start-runner --help lists every option and variable")
  );
}

function archOf(environmentType: string | undefined): string | undefined {
  if (environmentType === undefined) return undefined;
  return environmentType.startsWith("ARM_") ? "arm64" : "x86_64";
}

function beginRelease({ host, config, signal }: Examination) {
  const { releaseUrl: url, apiTimeoutS } = config;
  return url === undefined ? undefined : fetchChecksums(host, { url, timeoutMs: apiTimeoutS * 1000 }, signal);
}

interface AwsPart {
  readonly findings: readonly Finding[];
  readonly project: Project | undefined;
  readonly machine: ReturnType<typeof buildMachine>;
  /** Undefined where AWS lets nobody in. */
  readonly session: AwsSession | undefined;
}

async function examineAws(examination: Examination): Promise<AwsPart> {
  const { host, log, config, signal } = examination;
  const { region } = config;
  const nothing = { project: undefined, machine: buildMachine(config, undefined), session: undefined };
  if (region === undefined) {
    return { ...nothing, findings: [unknown("role", "no region is known"), ...unseen("no region is known")] };
  }
  const session = new AwsSession({ host, log, config: { ...config, region } }, sessionDurationS(config));
  const caller = await ask(signal, () =>
    session.use(async (options) => {
      const { callerIdentity } = await import("../../shared/aws/aws_sts.ts");
      return await callerIdentity(options, signal);
    }, signal));
  const role = roleFindings(config, caller, session.durationS);
  if ("error" in caller && !isLetIn(caller.error, config)) {
    return { ...nothing, findings: [...role, ...unseen("AWS lets nobody in")] };
  }
  if (config.project === undefined) {
    return { ...nothing, session, findings: [...role, ...unseen("no project is named")] };
  }
  const about = await examineProject(examination, session, config.project);
  return { ...about, session, findings: [...role, ...about.findings] };
}

/** What only AWS can tell, where it cannot be asked. */
function unseen(why: string): Finding[] {
  return ["project", "permissions", "log", "quota", "builds"].map((check) => unknown(check, why));
}

async function examineProject(
  { config, signal }: Examination,
  session: AwsSession,
  name: string,
): Promise<Omit<AwsPart, "session">> {
  const answer = await ask(
    signal,
    () => session.call((codebuild) => codebuild.getProject(name, signal), signal),
  );
  const project = "value" in answer ? answer.value : undefined;
  const machine = buildMachine(config, project);
  if ("value" in answer && project === undefined) {
    const missing = unseen("there is no such project").filter(({ check }) => check !== "project");
    return { project, machine, findings: [...projectFindings(config, answer), ...missing] };
  }
  const place = logPlace(name, project);
  const [trials, quota, references] = await Promise.all([
    tryCalls(session, name, place, signal),
    askQuota(session, machine, signal),
    examineReferences(session, config, project, signal),
  ]);
  const running = "value" in trials.list ? await askRunning(session, trials.list.value, signal) : undefined;
  const limit = project?.concurrentBuildLimit;
  return {
    project,
    machine,
    findings: [
      ...projectFindings(config, answer),
      ...permissionFindings(config, trials, place),
      ...quotaFindings(config, { machine, quota, running, limit }),
      ...references,
    ],
  };
}

function examineReferences(
  session: AwsSession,
  config: DoctorConfig,
  project: Project | undefined,
  signal: AbortSignal,
): Promise<Finding[]> {
  return Promise.all(
    referencesOf(config, project).map(async (reference) => {
      const exists = reference.store === "SECRETS_MANAGER"
        ? await askSecret(session, reference.id, signal)
        : undefined;
      return referenceFinding(reference, exists, config);
    }),
  );
}

function askSecret(session: AwsSession, id: string, signal: AbortSignal): Promise<Answer<boolean>> {
  return ask(signal, () =>
    session.use(async (options) => {
      const { secretExists } = await import("../../shared/aws/aws_secrets.ts");
      return await secretExists(options, id, signal);
    }, signal));
}

async function examineBitbucket(
  { host, log, config, signal }: Examination,
  project: Project | undefined,
  session: AwsSession | undefined,
): Promise<Finding[]> {
  const { credentials: own, apiUrl, tokenUrl, workspaceUuid, repositoryUuid, apiTimeoutS } = config;
  const credentials = own ?? plainProjectCredentials(project);
  if (credentials === undefined) {
    return bitbucketUnknown(
      "the credentials are out of reach here: the build alone gets them",
      "set BITBUCKET_… to the same credentials in your shell and run start-runner doctor there",
    );
  }
  if (apiUrl === undefined || tokenUrl === undefined || !workspaceUuid || !repositoryUuid) {
    return bitbucketUnknown(
      "no repository is known",
      "set REPO_UUID and WORKSPACE_UUID, or run it in a step",
    );
  }
  const where = { apiUrl, tokenUrl, workspaceUuid, repositoryUuid };
  const { lookAtBitbucket } = await import("./bitbucket_look.ts");
  const look = await lookAtBitbucket(host, { ...where, credentials, apiTimeoutS, log }, signal);
  const whose = `${credentialKind(credentials)}, from the ${own === undefined ? "project" : "environment"}`;
  const ended = await askEnded(
    session,
    config.project === undefined ? [] : buildsBehind(look, config.project),
    signal,
  );
  const now = host.now() - (look.aheadMs ?? 0);
  return [
    ...bitbucketFindings(look, whose),
    ...runnerFindings(look, config.project, ended, now),
    clockFinding(look.aheadMs),
  ];
}

async function askEnded(
  session: AwsSession | undefined,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, boolean> | undefined> {
  if (session === undefined || ids.length === 0) return undefined;
  const answer = await ask(
    signal,
    () => session.call((codebuild) => codebuild.getBuilds(ids, signal), signal),
  );
  return "error" in answer ? undefined : new Map(answer.value.map((build) => [build.id, hasEnded(build)]));
}
