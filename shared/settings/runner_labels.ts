import type { RunnerType } from "./runner_type.ts";

/** Docker runners' operating-system labels. Source: Bitbucket's documentation of `runs-on`. */
const DOCKER_LABELS: Readonly<Record<string, string>> = { x86_64: "linux", arm64: "linux.arm64" };

/** What every runner of this project carries, whatever its type. */
export const LABELS_OF_ALL: readonly string[] = ["self.hosted", "codebuild"];

/**
 * The labels of a runner, in the order in which they are shown. `self.hosted` is sent although Bitbucket may add it by itself.
 * The shell runner's architecture is a label of its own only where Bitbucket's rule (lowercase letters, digits
 * and dots) admits it: `x86_64` has an underscore.
 */
export function runnerLabels(type: RunnerType, arch: string, extra: readonly string[]): string[] {
  const system = type === "shell" ? "linux.shell" : DOCKER_LABELS[arch] ?? "linux";
  const architecture = type === "shell" && arch === "arm64" ? [arch] : [];
  return [...new Set(["self.hosted", system, "codebuild", ...architecture, ...extra])];
}
