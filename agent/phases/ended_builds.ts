import { hasEnded } from "../../shared/aws/has_ended.ts";
import type { Host } from "../../shared/program/host.ts";
import type { BuildsEnded } from "../../shared/leftovers/leftovers.ts";

/** Asking must not hold up the runner; where the build's role may not ask, age decides instead. */
const PATIENCE_MS = 15_000;

/**
 * Asks CodeBuild which builds have ended, as the build's own role. It needs `codebuild:BatchGetBuilds`, which is
 * optional: rejects where AWS refuses, and answers undefined outside a region.
 */
export function endedBuilds(host: Host, timeoutMs: number): BuildsEnded {
  return async (buildIds, signal) => {
    const region = host.env["AWS_REGION"] ?? host.env["AWS_DEFAULT_REGION"];
    if (region === undefined) return undefined;
    // Loaded only when there is something to ask about: the SDK is a third of the program's memory.
    const { createCodeBuild } = await import("../../shared/aws/aws_codebuild.ts");
    const patience = AbortSignal.timeout(PATIENCE_MS);
    const client = createCodeBuild({ host, region, timeoutMs });
    const builds = await client.getBuilds(
      buildIds.slice(0, 100),
      signal === undefined ? patience : AbortSignal.any([signal, patience]),
    );
    return new Map(builds.map((build) => [build.id, hasEnded(build)]));
  };
}
