import assert from "node:assert/strict";
import type { Setup } from "../../../cli/setup/setup.ts";
import { setupProblems } from "../../../cli/setup/setup_problems.ts";
import { SETUP } from "./sample_setup.ts";

Deno.test("`setupProblems()` has nothing against a usual setup", () => {
  const setup = { ...SETUP, ownVariables: ["CACHE_BUCKET", "HTTPS_PROXY", "NODE_ENV"] };
  assert.deepEqual(setupProblems(setup), []);
});

const UUID = "{11111111-1111-4111-8111-111111111111}";
const PROBLEMS: readonly (readonly [Partial<Setup>, RegExp])[] = [
  [{ project: "ci*" }, /^Cannot use "ci\*" for the project/],
  [{ account: "*" }, /for the account/],
  [{ workspace: "acme/../*" }, /for the workspace/],
  [{ workspaceUuid: "${aws:username}" }, /for the workspace's UUID/],
  [{ repositories: [{ uuid: "*" }] }, /for the UUID of repository 1/],
  [{ repositories: [{ uuid: UUID, environment: "{*}" }] }, /for the environment of repository 1/],
  [{ repositories: [] }, /^Missing repositories/],
  [{ secret: 'a","Effect":"Allow' }, /for the secret/],
  [{ ownVariables: ["LD_PRELOAD"] }, /LD_PRELOAD: it belongs to the project alone/],
  [{ ownVariables: ["REPO_UUID"] }, /REPO_UUID: it belongs to the agent/],
  [{ ownVariables: ["CODEBUILD_SRC_DIR"] }, /it belongs to CodeBuild/],
  [{ ownVariables: ["*"] }, /a variable's name/],
  [
    { repositories: Array.from({ length: 40 }, () => ({ uuid: UUID })) },
    /^Cannot trust 40 repositories in one role/,
  ],
];

for (const [values, expected] of PROBLEMS) {
  Deno.test(`\`setupProblems()\` says ${expected.source.replaceAll("\\", "")}`, () => {
    const problems = setupProblems({ ...SETUP, ...values });
    assert.equal(problems.length, 1, problems.join("\n"));
    assert.match(problems[0] ?? "", expected);
  });
}
