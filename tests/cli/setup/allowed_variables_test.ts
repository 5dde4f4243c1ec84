import assert from "node:assert/strict";
import { allowedVariables, credentialVariables } from "../../../cli/setup/allowed_variables.ts";
import { isGuarded } from "../../../shared/settings/guarded_variables.ts";
import { CREDENTIAL_VARIABLES } from "../../../shared/settings/bitbucket_settings.ts";
import { HANDED_ON_VARIABLES, SET_VARIABLES } from "../../../shared/settings/forwarded_variables.ts";
import { KMS_KEY, SETUP } from "./sample_setup.ts";

Deno.test("`allowedVariables()` has what the code sends, without what is guarded, and the names listed", () => {
  const names = allowedVariables({ ...SETUP, credentials: "secret", ownVariables: ["CACHE_BUCKET", "PATH"] });
  const sent = [...SET_VARIABLES, ...HANDED_ON_VARIABLES, ...CREDENTIAL_VARIABLES, "CACHE_BUCKET"];
  assert.deepEqual([...names].sort(), [...new Set(sent)].filter((name) => !isGuarded(name)).sort());
});

Deno.test("`allowedVariables()` leaves a mirror to the project's own buildspec, unless one is listed", () => {
  const strict = { ...SETUP, customBuildspec: { images: [], computeTypes: [] } };
  assert.ok(allowedVariables(SETUP).includes("RUNNER_RELEASE_URL"));
  assert.ok(!allowedVariables(strict).includes("RUNNER_RELEASE_URL"));
  assert.ok(
    allowedVariables({ ...strict, releaseUrl: "https://mirror.example" }).includes("RUNNER_RELEASE_URL"),
  );
});

Deno.test("`credentialVariables()` has one sealed variable in place of all that would be forwarded", () => {
  assert.deepEqual(credentialVariables({ ...SETUP, credentials: "secret" }), CREDENTIAL_VARIABLES);
  assert.deepEqual(credentialVariables({ ...SETUP, credentials: "secret", kmsKey: KMS_KEY }), [
    "RUNNER_SEALED",
  ]);
  assert.deepEqual(credentialVariables({ ...SETUP, kmsKey: KMS_KEY }), []);
});
