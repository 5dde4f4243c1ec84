import assert from "node:assert/strict";
import { agentSettings } from "../../../agent/settings/agent_settings.ts";
import { startSettings } from "../../../cli/options/options.ts";
import { redactorFor } from "../../../shared/settings/known_secrets.ts";
import type { Settings } from "../../../shared/settings/settings.ts";

const OF_PLATFORMS = [
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_CONTAINER_AUTHORIZATION_TOKEN",
  "BITBUCKET_STEP_OIDC_TOKEN",
  "PIPELINES_JWT_TOKEN",
];
const PROGRAMS: Readonly<Record<string, Settings>> = {
  "start-runner": startSettings,
  "codebuild-agent": agentSettings,
};

for (const [program, settings] of Object.entries(PROGRAMS)) {
  const names = Object.values(settings).flatMap(({ variables }) => variables);

  Deno.test(`\`redactorFor()\` knows every secret of ${program}'s environment`, () => {
    const secret = Object.values(settings).filter((setting) => setting.secret)
      .flatMap(({ variables }) => variables);
    for (const name of [...secret, ...OF_PLATFORMS]) {
      const value = `value-of-${name}`;
      assert.equal(redactorFor(settings, { [name]: value }).redact(`<${value}>`), "<***>", name);
    }
  });

  Deno.test(`a variable of ${program}'s that is called a secret is declared as one`, () => {
    const telling = names.filter((name) => /SECRET|PASSWORD|TOKEN$/.test(name));
    assert.ok(telling.length >= 3);
    for (const name of telling) {
      assert.equal(redactorFor(settings, { [name]: "something" }).redact("something"), "***", name);
    }
  });
}

Deno.test("`redactorFor()` knows passwords within addresses, as they stand there and as they are sent", () => {
  for (
    const name of ["HTTPS_PROXY", "http_proxy", "ALL_PROXY", "RUNNER_RELEASE_URL", "AWS_ENDPOINT_URL_STS"]
  ) {
    const redactor = redactorFor({}, { [name]: "http://user:pass%2Fw%2Crd@proxy.test:3128" });
    assert.equal(redactor.redact("user pass/w,rd pass%2Fw%2Crd proxy.test"), "user *** *** proxy.test", name);
  }
  // As curl and most others take a proxy too.
  assert.equal(redactorFor({}, { https_proxy: "user:passw0rd@proxy.test:3128" }).redact("passw0rd"), "***");
  assert.equal(
    redactorFor({}, { CODEBUILD_ENV_HTTPS_PROXY: "http://u:passw0rd@p.test" }).redact("passw0rd"),
    "***",
  );
  for (const address of ["http://proxy.test", "", "no address", "http://user:%zz%zz%zz@proxy.test"]) {
    assert.equal(redactorFor({}, { HTTPS_PROXY: address }).redact("proxy.test"), "proxy.test");
  }
});
