import assert from "node:assert/strict";
import {
  choiceLine,
  chooseCredentials,
  type CredentialsMode,
  tokenWarning,
} from "../../../cli/options/credentials_mode.ts";
import type { BitbucketCredentials } from "../../../shared/settings/bitbucket_settings.ts";

const OAUTH: BitbucketCredentials = { kind: "oauth", clientId: "key", clientSecret: "secret" };
const TOKEN: BitbucketCredentials = { kind: "access token", token: "token" };
const API: BitbucketCredentials = { kind: "api token", email: "a@example.com", token: "token" };

const CHOICES: readonly (readonly [
  wanted: CredentialsMode | undefined,
  given: BitbucketCredentials | undefined,
  expected: CredentialsMode | RegExp,
])[] = [
  [undefined, undefined, "project"],
  [undefined, OAUTH, "secret"],
  ["project", undefined, "project"],
  ["project", OAUTH, "project"],
  ["secret", TOKEN, "secret"],
  ["secret", undefined, /«secret»: the step has no Bitbucket credentials/],
  ["token", OAUTH, "token"],
  ["token", undefined, /«token»: the step has no Bitbucket credentials/],
  ["token", TOKEN, /only an OAuth consumer can get tokens.*has an access token.*«runner»/],
  ["token", API, /only an OAuth consumer can get tokens.*has an api token/],
  ["runner", OAUTH, "runner"],
  ["runner", TOKEN, "runner"],
  ["runner", API, "runner"],
  ["runner", undefined, /«runner»: the step has no Bitbucket credentials/],
];
for (const [wanted, given, expected] of CHOICES) {
  Deno.test(`\`chooseCredentials()\` judges «${wanted}» with ${given?.kind ?? "nothing"} in the step`, () => {
    const { choice, problems } = chooseCredentials({ credentialsMode: wanted }, given);
    if (expected instanceof RegExp) assert.match(problems.join("\n"), expected);
    else assert.deepEqual([choice.mode, problems], [expected, []]);
  });
}

Deno.test("`choiceLine()` warns of secrets that nobody has asked to hand on, and names what is safer", () => {
  const unasked = { mode: "secret", asked: false, kmsKey: undefined } as const;
  const { warning, line } = choiceLine(unasked);
  assert.ok(warning);
  for (const other of ["«runner»", "«token»", "«project»", "--kms-key"]) {
    assert.ok(line.includes(other), other);
  }
  assert.ok(!choiceLine({ ...unasked, asked: true }).warning);
  const sealed = choiceLine({ ...unasked, kmsKey: "alias/a" });
  assert.ok(!sealed.warning);
  assert.match(sealed.line, /sealed with KMS key alias\/a/);
  for (const mode of ["token", "project", "runner"] as const) {
    const said = choiceLine({ mode, asked: true, kmsKey: undefined });
    assert.ok(!said.warning && said.line.includes(`(${mode})`), said.line);
  }
});

Deno.test("`tokenWarning()` speaks up where a build may outlive its token", () => {
  assert.equal(tokenWarning({ mode: "token" }, 119), undefined);
  assert.match(tokenWarning({ mode: "token" }, 120) ?? "", /may last 120 minutes/);
  assert.match(tokenWarning({ mode: "token" }, undefined) ?? "", /as long as the project allows.*--timeout/s);
  for (const mode of ["secret", "project", "runner"] as const) {
    assert.equal(tokenWarning({ mode }, undefined), undefined);
  }
});
