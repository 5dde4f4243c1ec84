import type { Finding } from "../../../cli/doctor/finding.ts";
import type { FaultOrder } from "../../../scripts/local_cloud/server/faults.ts";
import type { LocalCloud, LocalCloudOptions } from "../../../scripts/local_cloud/start_local_cloud.ts";
import type { OidcSubject } from "../../../scripts/local_cloud/pipelines/oidc_tokens.ts";
import { withLocalCloud } from "../../fixtures/programs/local_cloud.ts";
import { runInProcess } from "../../fixtures/programs/start_runner.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

/** How a set-up differs from a healthy one. */
export interface SetUp {
  readonly cloud?: Omit<LocalCloudOptions, "releaseFolder">;
  readonly faults?: readonly FaultOrder[];
  /** What happens to the cloud before. */
  readonly before?: (cloud: LocalCloud) => void;
  /** Variables of the step; one that is empty is not set, and CLOUD in it stands for the cloud's address. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** What the step's OIDC token says otherwise. */
  readonly subject?: Partial<OidcSubject>;
  /** The text of its bitbucket-pipelines.yml. */
  readonly pipelines?: string;
}

export interface Diagnosis {
  readonly code: number;
  readonly findings: readonly Finding[];
  readonly stdout: string;
  readonly stderr: string;
  readonly cloud: LocalCloud;
}

const HASH = "0".repeat(64);
const ASSETS = ["shell", "docker"].flatMap((type) => [
  `install-${type}.sh`,
  `runner-${type}-x86_64.tar.gz`,
  `runner-${type}-arm64.tar.gz`,
]);

/** Runs `start-runner doctor` as a step of a pipeline whose AWS and Bitbucket are a local cloud. */
export async function diagnose(
  setUp: SetUp,
  judge: (diagnosis: Diagnosis) => void | Promise<void>,
): Promise<void> {
  await withTemporaryFolder(async (releaseFolder) => {
    await Deno.writeTextFile(
      `${releaseFolder}/SHA256SUMS`,
      ASSETS.map((name) => `${HASH}  ${name}\n`).join(""),
    );
    await Deno.writeTextFile(`${releaseFolder}/bitbucket-pipelines.yml`, setUp.pipelines ?? "");
    await withLocalCloud({ ...setUp.cloud, releaseFolder }, async (cloud) => {
      for (const fault of setUp.faults ?? []) cloud.faults.inject(fault);
      setUp.before?.(cloud);
      const file = setUp.pipelines === undefined
        ? []
        : ["--pipelines", `${releaseFolder}/bitbucket-pipelines.yml`];
      const args = ["doctor", "--json", ...file, ...setUp.args ?? []];
      const run = await runInProcess(stepVariables(cloud, setUp), { args, speed: 20 });
      await judge({ ...run, findings: findingsIn(run.stdout), cloud });
    });
  });
}

/** The checks that have one of the verdicts. */
export function checksWith(verdict: Finding["verdict"], findings: readonly Finding[]): string[] {
  return [...new Set(findings.filter((one) => one.verdict === verdict).map(({ check }) => check))];
}

function stepVariables(cloud: LocalCloud, { variables, subject }: SetUp): Record<string, string> {
  const { workspace, repositories: [repository] } = cloud.bitbucket.settings;
  const step: OidcSubject = {
    workspaceSlug: workspace.slug,
    workspaceUuid: workspace.uuid,
    repositoryUuid: repository?.uuid ?? "",
    pipelineUuid: "{11111111-1111-4111-8111-111111111111}",
    stepUuid: "{22222222-2222-4222-8222-222222222222}",
    branch: "main",
    environmentUuid: undefined,
    ...subject,
  };
  const { AWS_ACCESS_KEY_ID: _key, AWS_SECRET_ACCESS_KEY: _secret, ...env } = cloud.env;
  const all: Record<string, string> = {
    ...env,
    BITBUCKET_STEP_OIDC_TOKEN: cloud.oidcTokens.issue(step),
    BITBUCKET_WORKSPACE: workspace.slug,
    BITBUCKET_REPO_OWNER_UUID: workspace.uuid,
    BITBUCKET_REPO_SLUG: repository?.slug ?? "",
    BITBUCKET_REPO_UUID: repository?.uuid ?? "",
    BITBUCKET_PIPELINE_UUID: step.pipelineUuid,
    BITBUCKET_STEP_UUID: step.stepUuid,
    BITBUCKET_BUILD_NUMBER: "7",
    RUNNER_CREDENTIALS: "project",
    API_TIMEOUT: "2",
    ...variables,
  };
  const set = Object.entries(all).filter(([, value]) => value !== "");
  return Object.fromEntries(set.map(([name, value]) => [name, value.replace("CLOUD", cloud.url)]));
}

function findingsIn(stdout: string): Finding[] {
  return stdout.startsWith("[") ? JSON.parse(stdout) : [];
}
