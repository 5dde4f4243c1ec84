import assert from "node:assert/strict";
import { tokenFindings } from "../../../../cli/doctor/findings/token_findings.ts";
import { sampleConfig, verdicts } from "../sample_config.ts";

const NOW = Date.UTC(2026, 10, 29);
const WORKSPACE = "33333333-3333-4333-8333-333333333333";
const CLAIMS = {
  iss: "https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc",
  aud: `ari:cloud:bitbucket::workspace/${WORKSPACE}`,
  sub: "{22222222-2222-4222-8222-222222222222}:{44444444-4444-4444-8444-444444444444}",
  exp: NOW / 1000 + 3600,
};

const CASES: readonly (readonly [string, Record<string, unknown>, readonly string[], RegExp])[] = [
  ["a good token", {}, ["ok token", "ok token"], /valid for 60 minutes/],
  ["one without an end", { exp: undefined }, ["ok token"], /it says iss/],
  ["one that is over", { exp: NOW / 1000 - 60 }, ["FAIL token", "ok token"], /expired 1 minutes ago/],
  [
    "another issuer",
    { iss: "https://token.actions.githubusercontent.com" },
    ["ok token", "FAIL token"],
    /not Bitbucket/,
  ],
  [
    "another workspace's slug",
    { iss: CLAIMS.iss.replace("acme", "old") },
    ["ok token", "FAIL token"],
    /«old».*«acme»/,
  ],
  ["another workspace's audience", { aud: CLAIMS.aud.replace("3333-4", "9999-4") }, [
    "ok token",
    "FAIL token",
  ], /audience/],
  ["an audience of the step's own", { aud: "api://aws" }, ["ok token", "ok token"], /provider.*must name it/],
  ["another repository", { sub: "{other}:{step}" }, ["ok token", "FAIL token"], /subject is \{other\}/],
];

for (const [what, change, expected, said] of CASES) {
  Deno.test(`the token: ${what}`, () => {
    const findings = tokenFindings(
      sampleConfig({ BITBUCKET_STEP_OIDC_TOKEN: jwt({ ...CLAIMS, ...change }) }),
      NOW,
    );
    assert.deepEqual(verdicts(findings), expected);
    assert.match(findings.map(({ detail, remedy }) => `${detail} ${remedy}`).join("\n"), said);
  });
}

Deno.test("the token: none, or none that is a JWT", () => {
  const found = (env: Record<string, string>) => verdicts(tokenFindings(sampleConfig(env), NOW));
  assert.deepEqual(found({ BITBUCKET_STEP_OIDC_TOKEN: "no.jwt" }), ["FAIL token"]);
  assert.deepEqual(found({ BITBUCKET_STEP_OIDC_TOKEN: "" }), ["FAIL token"]);
  assert.deepEqual(found({ BITBUCKET_STEP_OIDC_TOKEN: "", AWS_ROLE_ARN: "" }), ["unknown token"]);
  assert.deepEqual(found({ BITBUCKET_STEP_OIDC_TOKEN: "", BITBUCKET_BUILD_NUMBER: "" }), ["unknown token"]);
});

function jwt(claims: unknown): string {
  const encoded = (value: unknown) =>
    new TextEncoder().encode(JSON.stringify(value)).toBase64({ alphabet: "base64url", omitPadding: true });
  return `${encoded({ alg: "RS256" })}.${encoded(claims)}.signature`;
}
