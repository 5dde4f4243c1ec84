import type { Bitbucket } from "./bitbucket.ts";

/**
 * Stands where a build has no access to Bitbucket: every call rejects. What has none is not to call; the life of its runner
 * is decided without (`LifecycleSettings`).
 */
export function absentBitbucket(): Bitbucket {
  const refuse = () => Promise.reject(new Error("This build has no access to Bitbucket"));
  return {
    listRunners: refuse,
    createRunner: refuse,
    renameRunner: refuse,
    getRunner: refuse,
    closeRunner: refuse,
    deleteRunner: refuse,
    getPipeline: refuse,
    listSteps: refuse,
    listUnfinishedPipelines: refuse,
    accessToken: refuse,
    requests: 0,
    stretch: 1,
    heldToken: undefined,
    grantedScopes: undefined,
    serverNow: () => Date.now(),
  };
}
