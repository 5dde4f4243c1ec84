import assert from "node:assert/strict";
import { runnerEnvironment } from "../../../agent/runner/runner_environment.ts";

Deno.test("`runnerEnvironment()` leaves the agent's Bitbucket credentials out, and nothing else", () => {
  assert.deepEqual(
    runnerEnvironment({
      BITBUCKET_OAUTH_CLIENT_ID: "1",
      BITBUCKET_OAUTH_CLIENT_SECRET: "2",
      BITBUCKET_ACCESS_TOKEN: "3",
      BITBUCKET_API_EMAIL: "4",
      BITBUCKET_API_TOKEN: "5",
      BITBUCKET_BRANCH: "main",
      BITBUCKET_API_URL: "https://api.bitbucket.org/2.0",
      PATH: "/bin",
    }),
    { BITBUCKET_BRANCH: "main", BITBUCKET_API_URL: "https://api.bitbucket.org/2.0", PATH: "/bin" },
  );
});
