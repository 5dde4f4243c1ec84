import type { Host } from "../../shared/program/host.ts";
import type { BuildTimes } from "../settings/agent_schema.ts";
import type { AgentConfig } from "../settings/agent_settings.ts";

/** What is known of a build's time when the agent begins. */
export async function firstTimes(
  { startedMs, runnerHome }: Pick<AgentConfig, "startedMs" | "runnerHome">,
  begunMs: number,
): Promise<BuildTimes> {
  const madeMs = await createdMs(runnerHome);
  // An installation that is part of the image tells nothing of this build.
  const ofThisBuild = madeMs !== undefined && startedMs !== undefined && madeMs >= startedMs &&
    madeMs <= begunMs;
  return { startedMs, begunMs, installMs: ofThisBuild ? madeMs : undefined };
}

/** The installer makes the folder first of all, and moves it as it is; not every file system keeps when. */
async function createdMs(folder: string): Promise<number | undefined> {
  try {
    return (await Deno.stat(folder)).birthtime?.getTime();
  } catch {
    return undefined;
  }
}

/** How long the build waited in the queue and for its machine, if its role may ask CodeBuild for it; never rejects. */
export async function askedTimes(
  { buildId, apiTimeoutS }: Pick<AgentConfig, "buildId" | "apiTimeoutS">,
  host: Host,
  signal: AbortSignal,
): Promise<Pick<BuildTimes, "queuedS" | "provisioningS">> {
  const region = host.env["AWS_REGION"] ?? host.env["AWS_DEFAULT_REGION"];
  if (region === undefined) return {};
  try {
    const { createCodeBuild } = await import("../../shared/aws/aws_codebuild.ts");
    const client = createCodeBuild({ host, region, timeoutMs: apiTimeoutS * 1000 });
    const { build } = await client.lookAt(buildId, signal);
    const lasted = (type: string) =>
      build?.phases?.find(({ phaseType }) => phaseType === type)?.durationInSeconds;
    return { queuedS: lasted("QUEUED"), provisioningS: lasted("PROVISIONING") };
  } catch {
    return {};
  }
}
