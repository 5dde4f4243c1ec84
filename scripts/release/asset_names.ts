export const ARCHITECTURES = ["x86_64", "arm64"] as const;
export const PROGRAMS = ["start-runner", "codebuild-agent"] as const;
export const RUNNER_TYPES = ["shell", "docker"] as const;

export type Architecture = typeof ARCHITECTURES[number];
export type Program = typeof PROGRAMS[number];
export type RunnerType = typeof RUNNER_TYPES[number];

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
