import assert from "node:assert/strict";
import { ListBuildsForProjectCommand } from "@aws-sdk/client-codebuild";
import { AssumeRoleWithWebIdentityCommand } from "@aws-sdk/client-sts";
import type { RoleTrust } from "../../../scripts/local_cloud/aws/sts.ts";
import type { LocalCloud } from "../../../scripts/local_cloud/start_local_cloud.ts";
import { awsClients, withLocalCloud } from "../../fixtures/programs/local_cloud.ts";

Deno.test("STS gives credentials for the token of a step, and CodeBuild takes them", async () => {
  await withLocalCloud({}, async (cloud) => {
    const answer = await awsClients(cloud).sts.send(
      assume(cloud, { WebIdentityToken: await stepToken(cloud) }),
    );
    assert.match(answer.Credentials?.AccessKeyId ?? "", /^ASIA/);
    assert.equal(
      answer.AssumedRoleUser?.Arn,
      "arn:aws:sts::123456789012:assumed-role/bitbucket-runner/step-1",
    );
    const lifetimeMs = (answer.Credentials?.Expiration?.getTime() ?? 0) - Date.now();
    assert.ok(lifetimeMs > 800_000 && lifetimeMs <= 900_000, `${lifetimeMs}`);
    const env = { ...cloud.env, AWS_ACCESS_KEY_ID: answer.Credentials?.AccessKeyId ?? "" };
    const list = new ListBuildsForProjectCommand({ projectName: "bitbucket-runner" });
    assert.deepEqual((await awsClients({ ...cloud, env }).codeBuild.send(list)).ids, []);
  });
});

const REFUSALS: [string, { [name: string]: unknown }, string, number][] = [
  [
    "a token that nobody issued",
    { WebIdentityToken: "header.claims.signature" },
    "InvalidIdentityTokenException",
    400,
  ],
  ["a role that does not trust it", { RoleArn: "arn:aws:iam::123456789012:role/other" }, "AccessDenied", 403],
  ["a duration beyond the role's", { DurationSeconds: 7200 }, "ValidationError", 400],
  ["a duration below AWS's least", { DurationSeconds: 60 }, "ValidationError", 400],
  ["a session name with braces", { RoleSessionName: "{step}" }, "ValidationError", 400],
];

for (const [what, change, name, status] of REFUSALS) {
  Deno.test(`STS refuses ${what} with ${name}`, async () => {
    await withLocalCloud({}, async (cloud) => {
      const WebIdentityToken = await stepToken(cloud);
      await assert.rejects(
        awsClients(cloud).sts.send(assume(cloud, { WebIdentityToken, ...change })),
        (error: Refusal) => error.name === name && error.$metadata.httpStatusCode === status,
      );
    });
  });
}

Deno.test("STS refuses a token that has expired with ExpiredTokenException", async () => {
  await withLocalCloud({ bitbucket: { oidcLifetimeS: 0 } }, async (cloud) => {
    await assert.rejects(
      awsClients(cloud).sts.send(assume(cloud, { WebIdentityToken: await stepToken(cloud) })),
      { name: "ExpiredTokenException" },
    );
  });
});

const TRUST: readonly (readonly [what: string, trust: RoleTrust, name: string | undefined])[] = [
  ["no identity provider", { provider: false }, "InvalidIdentityTokenException"],
  [
    "an identity provider of another audience",
    { providerAudience: "other" },
    "InvalidIdentityTokenException",
  ],
  ["a trust policy for another audience", { audience: "other" }, "AccessDenied"],
  ["a trust policy for another repository", { subject: "{other}:*" }, "AccessDenied"],
  ["a trust policy without the step", { subject: "{8d6b7e0a-0b1f-4c64-8f5e-5a9b7f0f2c22}" }, "AccessDenied"],
  ["a trust policy for the repository", { subject: "{8d6b7e0a-0b1f-4c64-8f5e-5a9b7f0f2c22}:*" }, undefined],
];
for (const [what, trust, name] of TRUST) {
  Deno.test(`STS answers ${name ?? "with credentials"} where there is ${what}`, async () => {
    await withLocalCloud({ trust }, async (cloud) => {
      const answer = awsClients(cloud).sts.send(assume(cloud, { WebIdentityToken: await stepToken(cloud) }));
      if (name === undefined) await answer;
      else await assert.rejects(answer, { name });
    });
  });
}

interface Refusal extends Error {
  readonly $metadata: { readonly httpStatusCode?: number };
}

function assume(cloud: LocalCloud, change: { [name: string]: unknown }): AssumeRoleWithWebIdentityCommand {
  return new AssumeRoleWithWebIdentityCommand({
    RoleArn: cloud.env["AWS_ROLE_ARN"],
    RoleSessionName: "step-1",
    DurationSeconds: 900,
    WebIdentityToken: "",
    ...change,
  });
}

async function stepToken(cloud: LocalCloud): Promise<string> {
  let token = "";
  const pipeline = cloud.bitbucket.startPipeline(
    "pipelines: { default: [{ step: { oidc: true, script: [start-runner] } }] }",
    {
      runCloudStep: ({ env }) => {
        token = env["BITBUCKET_STEP_OIDC_TOKEN"] ?? "";
        return Promise.resolve(0);
      },
    },
  );
  await cloud.bitbucket.scheduler.ended(pipeline.uuid);
  return token;
}
