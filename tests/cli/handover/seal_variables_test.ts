import assert from "node:assert/strict";
import { AwsSession } from "../../../cli/aws/aws_session.ts";
import { sealVariables } from "../../../cli/handover/seal_variables.ts";
import type { BuildVariable } from "../../../cli/options/build_variables.ts";
import { MOST_SEALED } from "../../../cli/facts/runner_limits.ts";
import { startConfig } from "../../../cli/options/start_config.ts";
import type { LocalCloud } from "../../../scripts/local_cloud/start_local_cloud.ts";
import { STATIC_CREDENTIALS } from "../../../scripts/local_cloud/aws/aws_credentials.ts";
import { unseal } from "../../../shared/aws/sealed_secrets.ts";
import { type RunnerIdentity, writeIdentities } from "../../../shared/settings/runner_identity.ts";
import { Logger } from "../../../shared/output/log.ts";
import { Redactor } from "../../../shared/output/redact.ts";
import { withLocalCloud } from "../../fixtures/programs/local_cloud.ts";
import { quickHost } from "../../fixtures/quick_host.ts";

const CONTEXT = { workspace: "{w}", repository: "{r}", pipeline: "{p}" };
const SECRETS = [
  { name: "BITBUCKET_API_TOKEN", value: "a-token", type: "PLAINTEXT" },
  { name: "OTHER", value: "b", type: "PLAINTEXT" },
] as const;

/** Seals as a pipeline's step does, with the role that it assumes by its OIDC token. */
async function sealIn(
  cloud: LocalCloud,
  keyId = "alias/bitbucket-runner",
  secrets: readonly BuildVariable[] = SECRETS,
) {
  const token = Promise.withResolvers<Record<string, string>>();
  cloud.bitbucket.startPipeline("pipelines: { default: [{ step: { oidc: true, script: [x] } }] }", {
    runCloudStep: ({ env }) => {
      token.resolve(env);
      return Promise.resolve(0);
    },
  });
  const env: Record<string, string> = { ...cloud.env, ...await token.promise };
  const { config, problems } = startConfig({}, env);
  assert.deepEqual(problems, []);
  const host = quickHost({ env });
  const session = new AwsSession({ host, log: new Logger(host, "text", new Redactor()), config });
  const as = { ...config, keyId, context: CONTEXT };
  return await sealVariables(secrets, { session, as, signal: new AbortController().signal });
}

Deno.test("`sealVariables()` makes one variable of all, with the role that the step assumes", async () => {
  await withLocalCloud({}, async (cloud) => {
    const { name, value } = await sealIn(cloud);
    assert.equal(name, "RUNNER_SEALED");
    const credentials = { ...STATIC_CREDENTIALS, sessionToken: "" };
    const host = { env: { AWS_ENDPOINT_URL: cloud.url }, fetch };
    const options = { host, region: "eu-central-1", timeoutMs: 5000, credentials };
    assert.deepEqual(await unseal(options, value, CONTEXT), { BITBUCKET_API_TOKEN: "a-token", OTHER: "b" });
    assert.deepEqual(cloud.requests.byCall("AWS"), { AssumeRoleWithWebIdentity: 1, Encrypt: 1, Decrypt: 1 });
  });
});

const REFUSALS: readonly (readonly [keyId: string, exitCode: number, hint: RegExp])[] = [
  [
    "alias/other",
    3,
    /^allow kms:Encrypt on alias\/other in the policy of arn:aws:iam::\d+:role\/bitbucket-runner/,
  ],
  ["alias/none", 2, /^check --kms-key or RUNNER_KMS_KEY/],
];
for (const [keyId, exitCode, hint] of REFUSALS) {
  Deno.test(`\`sealVariables()\` ends with ${exitCode} for key ${keyId}`, async () => {
    await withLocalCloud({}, async (cloud) => {
      await assert.rejects(sealIn(cloud, keyId), { exitCode, hint });
    });
  });
}

Deno.test("credentials that have expired by then are renewed once, and what STS refuses is left to who words it", async () => {
  await withLocalCloud({}, async (cloud) => {
    cloud.faults.inject({ call: "Encrypt", kind: "expired token" });
    assert.equal((await sealIn(cloud)).name, "RUNNER_SEALED");
    assert.equal(cloud.requests.count({ call: "AssumeRoleWithWebIdentity" }), 2);
    cloud.faults.inject({ call: "AssumeRoleWithWebIdentity", kind: "forbidden" });
    await assert.rejects(sealIn(cloud), { name: "AwsCallError", call: "AssumeRoleWithWebIdentity" });
  });
});

Deno.test("the identities of as many runners as a start may seal fit into one variable, whatever their secrets are", async () => {
  await withLocalCloud({}, async (cloud) => {
    const random = (length: number) =>
      crypto.getRandomValues(new Uint8Array(length)).toBase64().slice(0, length);
    const identities = (count: number) =>
      Array.from({ length: count }, (): RunnerIdentity => ({
        uuid: `{${crypto.randomUUID()}}`,
        clientId: random(32),
        clientSecret: random(100),
        type: "shell",
        arch: "x86_64",
      }));
    const variables = (count: number) =>
      writeIdentities(identities(count)).map((one) => ({ ...one, type: "PLAINTEXT" as const }));
    const { value } = await sealIn(cloud, undefined, variables(MOST_SEALED));
    assert.ok(value.length <= 4096);
    await assert.rejects(sealIn(cloud, undefined, variables(32)), {
      name: "ConfigurationError",
      hint: /^start fewer runners in one build: --runners/,
    });
  });
});
