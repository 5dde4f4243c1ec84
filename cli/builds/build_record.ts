import type { KnownBuild } from "../../shared/aws/aws_codebuild.ts";
import { hasEnded } from "../../shared/aws/has_ended.ts";
import { LABELS_OF_ALL, runnerLabels } from "../../shared/settings/runner_labels.ts";
import { RUNNER_TYPES, type RunnerType } from "../../shared/settings/runner_type.ts";
import { bitbucketSettings } from "../../shared/settings/bitbucket_settings.ts";
import type { Setting } from "../../shared/settings/settings.ts";
import { IDENTITY_VARIABLES } from "../../shared/settings/forwarded_variables.ts";
import { parseIdentities } from "../../shared/settings/runner_identity.ts";
import { valueOr } from "../../shared/program/value_or.ts";
import { buildRunners } from "../progress/build_runners.ts";
import { startedMs } from "./project_builds.ts";

/** What CodeBuild's own record of a build says, in the words of pipelines and runners. */
export interface BuildRecord {
  readonly id: string;
  /** A build that start-runner did not start as a runner is a job. */
  readonly kind: RunnerType | "job";
  /** In CodeBuild's words, as in `IN_PROGRESS`. */
  readonly status: string;
  readonly phase: string;
  readonly ended: boolean;
  /** Name where the start told it, as in `app`, else the UUID. */
  readonly repository: string | undefined;
  readonly repositoryUuid: string | undefined;
  readonly workspaceUuid: string | undefined;
  /** Likewise: the number, else the UUID. */
  readonly pipeline: string | undefined;
  readonly pipelineUuid: string | undefined;
  /** In milliseconds since 1970. */
  readonly startedMs: number;
  readonly endedMs: number | undefined;
  /** Names of its runners, and the labels that all of them have; of a job there are none. */
  readonly runners: readonly string[];
  readonly labels: readonly string[];
}

/** Reads a build as BatchGetBuilds shows it: what start-runner has sent as plain variables says where it comes from. */
export function buildRecord(build: KnownBuild): BuildRecord {
  const variables = plainVariables(build);
  const kind = RUNNER_TYPES.find((type) => type === variables.get("RUNNER_TYPE")) ?? "job";
  const [workspaceUuid, repositoryUuid, pipelineUuid] = ["WORKSPACE_UUID", "REPO_UUID", "PIPELINE_UUID"]
    .map((name) => asUuid(variables.get(name)));
  return {
    id: build.id,
    kind,
    status: build.buildStatus ?? "IN_PROGRESS",
    phase: build.currentPhase ?? "SUBMITTED",
    ended: hasEnded(build),
    repository: variables.get("RUNNER_REPOSITORY") ?? repositoryUuid,
    repositoryUuid,
    workspaceUuid,
    pipeline: variables.get("RUNNER_PIPELINE_NUMBER") ?? pipelineUuid,
    pipelineUuid,
    startedMs: startedMs(build),
    endedMs: build.endTime?.getTime(),
    runners: kind === "job" ? [] : buildRunners(build),
    labels: kind === "job" ? [] : labelsOf(build, kind, variables.get("RUNNER_LABEL")),
  };
}

/** What tells this runner from the project's others: its labels without those that all of them carry. */
export function ownLabels({ labels }: Pick<BuildRecord, "labels">): string[] {
  return labels.filter((label) => !LABELS_OF_ALL.includes(label));
}

/** What a build was given that is secret, though whoever may look at builds sees it: nothing of it is to be shown again. */
export function secretsOf(build: KnownBuild): string[] {
  const variables = plainVariables(build);
  const identities = IDENTITY_VARIABLES.flatMap((name) =>
    valueOr([], () => parseIdentities(variables.get(name) ?? ""))
  );
  return [
    ...SECRET_VARIABLES.flatMap((name) => variables.get(name) ?? []),
    ...identities.map(({ clientSecret }) => clientSecret),
  ];
}

const CREDENTIALS: readonly Setting<unknown>[] = Object.values(bitbucketSettings);
const SECRET_VARIABLES = [
  ...CREDENTIALS.filter(({ secret }) => secret).flatMap(({ variables }) => variables),
  ...IDENTITY_VARIABLES,
];

/** Whoever may start builds may have sent anything, and Bitbucket is asked for it. */
function asUuid(text = ""): string | undefined {
  return /^\{[\w-]{1,64}\}$/.test(text) ? text : undefined;
}

function plainVariables({ environment }: KnownBuild): ReadonlyMap<string, string> {
  const variables = environment?.environmentVariables ?? [];
  return new Map(
    variables.flatMap(({ name, value, type }) =>
      name && value && (type ?? "PLAINTEXT") === "PLAINTEXT" ? [[name, value]] : []
    ),
  );
}

function labelsOf({ environment }: KnownBuild, type: RunnerType, extra = ""): string[] {
  const arch = environment?.type?.startsWith("ARM_") ? "arm64" : "x86_64";
  return runnerLabels(type, arch, extra.split(",").map((label) => label.trim()).filter(Boolean));
}
