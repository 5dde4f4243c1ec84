import assert from "node:assert/strict";
import { runnerLimitProblems } from "../../../cli/facts/runner_limits.ts";
import { startConfig } from "../../../cli/options/start_config.ts";
import { stepEnvironment } from "../../fixtures/programs/start_runner.ts";

Deno.test("`runnerLimitProblems()` counts the runners of all machines against Bitbucket's limit, and names it", () => {
  const cases = [[32, 3, false], [20, 5, false], [1, 50, false], [26, 4, true], [32, 50, true]] as const;
  for (const [runners, machines, tooMany] of cases) {
    const problems = runnerLimitProblems({ runners, machines, sealed: false });
    assert.equal(problems.length, tooMany ? 1 : 0, `${runners} x ${machines}`);
    if (tooMany) assert.match(problems[0] ?? "", /^Cannot start \d+ runners, .* at most 100 in a repository/);
  }
});

Deno.test("`startConfig()` refuses more sealed identities than fit, and names how many do, before anything is registered", () => {
  const problems = (env: Record<string, string>) =>
    startConfig({}, stepEnvironment({ url: "http://127.0.0.1:1" }, env)).problems;
  const access = { BITBUCKET_OAUTH_CLIENT_ID: "key", BITBUCKET_OAUTH_CLIENT_SECRET: "consumer-secret" };
  const sealed = { ...access, RUNNER_CREDENTIALS: "runner", RUNNER_KMS_KEY: "alias/ci" };
  assert.deepEqual(problems({ ...sealed, RUNNER_COUNT: "20" }), []);
  const [problem, ...others] = problems({ ...sealed, RUNNER_COUNT: "21" });
  assert.match(
    problem ?? "",
    /^Cannot seal the identities of 21 runners .* at most 20; give --runners 20 or less/,
  );
  assert.deepEqual(others, []);
  assert.deepEqual(problems({ ...sealed, RUNNER_COUNT: "32", RUNNER_CREDENTIALS: "secret" }), []);
  assert.deepEqual(problems({ ...sealed, RUNNER_COUNT: "32", RUNNER_KMS_KEY: "" }), []);
});
