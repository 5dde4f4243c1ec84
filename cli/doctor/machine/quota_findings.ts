import type { Build, KnownBuild } from "../../../shared/aws/aws_codebuild.ts";
import { hasEnded } from "../../../shared/aws/has_ended.ts";
import type { AwsSession } from "../../aws/aws_session.ts";
import { machineOf } from "../../facts/machines.ts";
import { type Answer, ask, unanswered } from "../answer.ts";
import type { BuildMachine } from "./machine_findings.ts";
import type { DoctorConfig } from "../doctor_config.ts";
import { fail, type Finding, ok, unknown } from "../finding.ts";

const CHECK = "quota";
const QUOTA = "Service Quotas, AWS CodeBuild, «Concurrently running builds» of this size";

/** The account's quota for builds of that size; undefined where nobody knows its code. */
export function askQuota(
  session: AwsSession,
  machine: BuildMachine,
  signal: AbortSignal,
): Promise<Answer<number | undefined>> | undefined {
  const code = machineOf(machine)?.quotaCode;
  return code === undefined ? undefined : ask(signal, () =>
    session.use(async (options) => {
      const { serviceQuota } = await import("../../../shared/aws/aws_quotas.ts");
      return await serviceQuota(options, { service: "codebuild", code }, signal);
    }, signal));
}

/** The project's builds by their ids, at most 100. */
export function askBuilds(
  session: AwsSession,
  newest: readonly string[],
  signal: AbortSignal,
): Promise<Answer<readonly KnownBuild[]>> {
  if (newest.length === 0) return Promise.resolve({ value: [] });
  return ask(signal, () => session.call((codebuild) => codebuild.getBuilds(newest, signal), signal));
}

/** Whether there is room for one build more. */
export function quotaFindings(
  config: DoctorConfig,
  facts: {
    readonly machine: BuildMachine;
    readonly quota: Answer<number | undefined> | undefined;
    /** The project's newest builds, where they can be seen. */
    readonly builds: readonly Build[] | undefined;
    /** The project's own limit. */
    readonly limit: number | undefined;
    /** The fleet that the builds run on, whose capacity counts in place of the account's quota. */
    readonly fleet?: string | undefined;
  },
): Finding[] {
  const running = facts.builds?.filter((build) => !hasEnded(build)).length;
  const room = facts.fleet === undefined ? quotaFinding(config, facts.machine, facts.quota) : ok(
    CHECK,
    `builds on fleet ${facts.fleet} go by its capacity; only where it overflows does the account's quota count`,
  );
  return [room, runningFinding(running, facts)];
}

function quotaFinding(
  { region }: DoctorConfig,
  machine: BuildMachine,
  quota: Answer<number | undefined> | undefined,
): Finding {
  const size = `${machine.computeType ?? "an unknown size"} on ${
    machine.environmentType ?? "an unknown type"
  }`;
  const code = machineOf(machine)?.quotaCode;
  if (quota === undefined) return unknown(CHECK, `the quota for ${size} is not known here`, `see ${QUOTA}`);
  if ("error" in quota) {
    const see =
      `aws service-quotas get-service-quota --service-code codebuild --quota-code ${code} --region ${region}`;
    return unanswered(CHECK, quota.error, "servicequotas:GetServiceQuota", see);
  }
  const { value } = quota;
  if (value === undefined) {
    return unknown(CHECK, `Service Quotas names no number for ${size}`, `see ${QUOTA}`);
  }
  if (value < 1) {
    return fail(
      CHECK,
      `the account may run no build of ${size}`,
      `ask for a higher quota (${QUOTA}), or take another size`,
    );
  }
  return ok(
    CHECK,
    `the account runs ${value} ${value === 1 ? "build" : "builds"} of ${size} at a time`,
    value > 1 ? undefined : `a second start waits for the first: ask for a higher quota (${QUOTA})`,
  );
}

function runningFinding(
  running: number | undefined,
  { quota, limit }: Pick<Parameters<typeof quotaFindings>[1], "quota" | "limit">,
): Finding {
  if (running === undefined) return unknown("builds", "how many of them run cannot be seen");
  const most = Math.min(
    limit ?? Infinity,
    quota !== undefined && "value" in quota ? quota.value ?? Infinity : Infinity,
  );
  const detail = running === 1 ? "1 build of the project runs" : `${running} builds of the project run`;
  return running < most ? ok("builds", detail) : ok(
    "builds",
    `${detail}, which is all there is room for: a start now waits`,
    "raise the limit, or end what hangs",
  );
}
