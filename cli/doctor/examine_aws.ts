import type { Project } from "../../shared/aws/aws_codebuild.ts";
import { AwsSession } from "../aws/aws_session.ts";
import { sessionDurationS } from "../aws/role_session.ts";
import { type Answer, ask } from "./answer.ts";
import type { DoctorConfig } from "./doctor_config.ts";
import type { Examination } from "./examination.ts";
import { type Finding, unknown } from "./finding.ts";
import { askFleet, fleetFindings, seenFleet } from "./machine/fleet_findings.ts";
import { type BuildMachine, buildMachine } from "./machine/machine_findings.ts";
import { logPlace, permissionFindings, tryCalls } from "./findings/permission_findings.ts";
import { projectFindings } from "./findings/project_findings.ts";
import { askBuilds, askQuota, quotaFindings } from "./machine/quota_findings.ts";
import { referenceFinding, referencesOf } from "./findings/reference_finding.ts";
import { sealFindings } from "./findings/seal_findings.ts";
import { sessionFindings } from "./findings/session_findings.ts";
import { isLetIn, roleFindings } from "./findings/role_findings.ts";

/** What AWS has told. */
export interface AwsPart {
  readonly findings: readonly Finding[];
  readonly project: Project | undefined;
  readonly machine: BuildMachine;
  /** Undefined where AWS lets nobody in. */
  readonly session: AwsSession | undefined;
}

/** Asks AWS who we are, and all about the project, its account and what a start may do there. */
export async function examineAws(examination: Examination): Promise<AwsPart> {
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
  const look = await askFleet(session, config, project, signal);
  const machine = buildMachine(config, project, seenFleet(look));
  if ("value" in answer && project === undefined) {
    const missing = unseen("there is no such project").filter(({ check }) => check !== "project");
    return { project, machine, findings: [...projectFindings(config, answer, { value: [] }), ...missing] };
  }
  const place = logPlace(name, project);
  const [trials, quota, references, seal] = await Promise.all([
    tryCalls(session, name, place, signal),
    look === undefined ? askQuota(session, machine, signal) : undefined,
    examineReferences(session, config, project, signal),
    sealFindings(session, config, signal),
  ]);
  const builds = "error" in trials.list ? trials.list : await askBuilds(session, trials.list.value, signal);
  return {
    project,
    machine,
    findings: [
      ...projectFindings(config, answer, builds),
      ...sessionFindings(config, project, builds),
      ...fleetFindings(config, look),
      ...permissionFindings(config, trials, { place, arn: project?.arn }),
      ...quotaFindings(config, {
        machine,
        quota,
        builds: "value" in builds ? builds.value : undefined,
        limit: project?.concurrentBuildLimit,
        fleet: look?.fleet,
      }),
      ...references,
      ...seal,
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
