import type { RunnerType } from "../../shared/settings/runner_type.ts";

/** Architectures in the words of the assets; `aarch64` is `arm64` in them. */
export const ARCHITECTURES = ["x86_64", "arm64"] as const;
/** Both programs, by the names they are called with. */
export const PROGRAMS = ["start-runner", "codebuild-agent"] as const;

export type Architecture = typeof ARCHITECTURES[number];
export type Program = typeof PROGRAMS[number];

/** As in `start-runner-x86_64`. */
export function programAsset(program: Program, arch: Architecture): string {
  return `${program}-${arch}`;
}

/** As in `runner-shell-x86_64.tar.gz`; the installer asks for this name. */
export function bundleAsset(type: RunnerType, arch: Architecture): string {
  return `runner-${type}-${arch}.tar.gz`;
}

/** As in `install-shell.sh`; the generated buildspec asks for this name. */
export function installerAsset(type: RunnerType): string {
  return `install-${type}.sh`;
}
