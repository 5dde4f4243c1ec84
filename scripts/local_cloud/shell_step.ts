import type { LocalCloud } from "./start_local_cloud.ts";

const YAML = "pipelines: { default: [{ step: { name: Your shell, oidc: true, script: [wait] } }] }";

/**
 * Starts a pipeline whose only step stands for a person's shell and lasts until the cloud is closed. Resolves to the
 * variables that Bitbucket would give it, so that start-runner runs in that shell as it does in a step.
 */
export async function shellStep({ bitbucket }: LocalCloud): Promise<Record<string, string>> {
  const { promise, resolve } = Promise.withResolvers<Readonly<Record<string, string>>>();
  bitbucket.startPipeline(YAML, {
    runCloudStep: (step, _onLine, signal) => {
      resolve(step.env);
      return new Promise((end) => signal.addEventListener("abort", () => end(0)));
    },
  });
  // By the step's UUID start-runner makes one build of all its starts, as is right for a step, but not for a shell.
  const { CI: _ci, BITBUCKET_STEP_UUID: _step, BITBUCKET_STEP_RUN_NUMBER: _run, ...variables } =
    await promise;
  return variables;
}
