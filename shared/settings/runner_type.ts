/** The types of runner; each has its bundle and its installer. */
export const RUNNER_TYPES = ["shell", "docker"] as const;
export type RunnerType = typeof RUNNER_TYPES[number];
