import type { CodeBuildFleet } from "../../../scripts/local_cloud/codebuild/fleets.ts";
import type { FaultOrder } from "../../../scripts/local_cloud/server/faults.ts";
import type { LocalCloud, LocalCloudOptions } from "../../../scripts/local_cloud/start_local_cloud.ts";
import { withLocalCloud } from "../../fixtures/programs/local_cloud.ts";
import { FLEET } from "../../fixtures/servers/fleet.ts";
import { type Run, runInProcess, stepEnvironment } from "../../fixtures/programs/start_runner.ts";

export interface FleetStart {
  readonly fleet?: Partial<CodeBuildFleet>;
  readonly args?: readonly string[];
  readonly faults?: readonly FaultOrder[];
  readonly codeBuild?: LocalCloudOptions["codeBuild"];
  /** What happens in the account before the start. */
  readonly before?: (cloud: LocalCloud) => void | Promise<void>;
}

/** Runs start-runner where there is such a fleet; the project's own buildspec is a runner that is online at once. */
export async function startOnFleet(
  { fleet, args = ["--fleet", "builders"], faults = [], codeBuild, before }: FleetStart,
  judge: (run: Run, cloud: LocalCloud) => void | Promise<void>,
): Promise<void> {
  const buildspec = JSON.stringify({ version: 0.2, phases: { build: { commands: ["sleep 60"] } } });
  const projects = [{ name: "bitbucket-runner", buildspec }];
  const fleets = [{ ...FLEET, ...fleet }];
  await withLocalCloud({ projects, codeBuild: { fleets, ...codeBuild } }, async (cloud) => {
    for (const fault of faults) cloud.faults.inject(fault);
    await before?.(cloud);
    const { workspace, repositories: [repository] } = cloud.bitbucket.settings;
    const { AWS_ACCESS_KEY_ID: _key, AWS_SECRET_ACCESS_KEY: _secret, ...access } = cloud.env;
    const subject = {
      workspaceSlug: workspace.slug,
      workspaceUuid: workspace.uuid,
      repositoryUuid: repository?.uuid ?? "",
      pipelineUuid: "{11111111-1111-4111-8111-111111111111}",
      stepUuid: "{22222222-2222-4222-8222-222222222222}",
      branch: "main",
      environmentUuid: undefined,
    };
    const env = {
      ...stepEnvironment(cloud, { ...access, BITBUCKET_STEP_OIDC_TOKEN: cloud.oidcTokens.issue(subject) }),
      CODEBUILD_REGION: "eu-central-1",
      RUNNER_CREDENTIALS: "project",
    };
    const run = await runInProcess(env, { args: [...args, "--custom-buildspec"], speed: 20 });
    await judge(run, cloud);
  });
}
