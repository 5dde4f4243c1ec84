import type { LocalCloud } from "./start_local_cloud.ts";

/**
 * The variables that a repository sets so that its pipeline reaches the local cloud: endpoints and credentials, and
 * the folder of `start-runner` in front of the PATH. The AWS keys stay out: steps have their OIDC token.
 */
export function stepVariables(cloud: LocalCloud, bin: string): Record<string, string> {
  const { AWS_ACCESS_KEY_ID: _key, AWS_SECRET_ACCESS_KEY: _secret, ...variables } = cloud.env;
  return { ...variables, PATH: `${bin}:${Deno.env.get("PATH") ?? "/usr/local/bin:/usr/bin:/bin"}` };
}
