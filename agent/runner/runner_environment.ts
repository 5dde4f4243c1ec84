/** What the agent needs to talk to Bitbucket, and no step is to see. */
const BITBUCKET_CREDENTIALS: ReadonlySet<string> = new Set([
  "BITBUCKET_OAUTH_CLIENT_ID",
  "BITBUCKET_OAUTH_CLIENT_SECRET",
  "BITBUCKET_ACCESS_TOKEN",
  "BITBUCKET_API_EMAIL",
  "BITBUCKET_API_TOKEN",
]);

/** The build's environment without the agent's Bitbucket credentials: what runners and other commands get. */
export function runnerEnvironment(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !BITBUCKET_CREDENTIALS.has(name)));
}
