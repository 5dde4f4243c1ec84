import assert from "node:assert/strict";
import { DecryptCommand, EncryptCommand } from "@aws-sdk/client-kms";
import { AssumeRoleWithWebIdentityCommand } from "@aws-sdk/client-sts";
import type { LocalCloud } from "../../../../scripts/local_cloud/start_local_cloud.ts";
import { awsClients, withLocalCloud } from "../../../fixtures/programs/local_cloud.ts";

const CONTEXT = { workspace: "{w}", repository: "{r}", pipeline: "{p}" };
const PLAIN = new TextEncoder().encode("what is secret");

Deno.test("KMS gives back what it has sealed, by the key's id, ARN or alias, the context's pairs in any order", async () => {
  await withLocalCloud({}, async (cloud) => {
    const arn = cloud.env["LOCAL_CLOUD_KMS_KEY"] ?? "";
    const alias = "alias/bitbucket-runner";
    for (const keyId of [arn, arn.split("/")[1] ?? "", alias, arn.replace(/key\/.*/, alias)]) {
      const { CiphertextBlob, KeyId } = await encrypt(cloud, { KeyId: keyId });
      assert.equal(KeyId, arn);
      assert.ok(!new TextDecoder().decode(CiphertextBlob).includes("secret"));
      const { pipeline, ...rest } = CONTEXT;
      const opened = await decrypt(cloud, { CiphertextBlob, EncryptionContext: { pipeline, ...rest } });
      assert.deepEqual([new TextDecoder().decode(opened.Plaintext), opened.KeyId], ["what is secret", arn]);
    }
  });
});

const CONTEXTS: readonly (readonly [what: string, context: Record<string, string>])[] = [
  ["none", {}],
  ["one pair less", { workspace: "{w}", repository: "{r}" }],
  ["one pair more", { ...CONTEXT, step: "{s}" }],
  ["another value", { ...CONTEXT, pipeline: "{q}" }],
  ["another case", { ...CONTEXT, pipeline: "{P}" }],
];
for (const [what, EncryptionContext] of CONTEXTS) {
  Deno.test(`KMS opens nothing with another encryption context: ${what}`, async () => {
    await withLocalCloud({}, async (cloud) => {
      const { CiphertextBlob } = await encrypt(cloud);
      await assert.rejects(decrypt(cloud, { CiphertextBlob, EncryptionContext }), {
        name: "InvalidCiphertextException",
      });
    });
  });
}

const REFUSED: readonly (readonly [what: string, change: Record<string, unknown>, name: string])[] = [
  ["a key that is not there", { KeyId: "00000000-2222-4333-8444-555555555555" }, "NotFoundException"],
  ["an alias that is not there", { KeyId: "alias/none" }, "NotFoundException"],
  ["a key of another region", { KeyId: "arn:aws:kms:us-east-1:123456789012:key/1" }, "NotFoundException"],
  ["a key whose policy does not speak of us", { KeyId: "alias/other" }, "AccessDeniedException"],
  ["more than it takes", { Plaintext: new Uint8Array(4097) }, "ValidationException"],
  ["nothing", { Plaintext: new Uint8Array() }, "ValidationException"],
];
for (const [what, change, name] of REFUSED) {
  Deno.test(`KMS refuses to seal with or for ${what}: ${name}`, async () => {
    await withLocalCloud({}, async (cloud) => {
      await assert.rejects(encrypt(cloud, change), { name });
    });
  });
}

Deno.test("KMS refuses a ciphertext that was changed at any place, cut, or made by nobody", async () => {
  await withLocalCloud({}, async (cloud) => {
    const { CiphertextBlob = new Uint8Array() } = await encrypt(cloud);
    const changed = [0, 140, CiphertextBlob.length - 1].map((place) =>
      CiphertextBlob.map((byte, at) => at === place ? byte ^ 1 : byte)
    );
    for (const blob of [...changed, CiphertextBlob.subarray(0, 100), new Uint8Array(200)]) {
      await assert.rejects(decrypt(cloud, { CiphertextBlob: blob }), /InvalidCiphertext|AccessDenied/);
    }
  });
});

for (
  const [state, name] of [["Disabled", "DisabledException"], [
    "PendingDeletion",
    "KMSInvalidStateException",
  ]] as const
) {
  Deno.test(`KMS neither seals nor opens with a key that is ${state}: ${name}`, async () => {
    await withLocalCloud({}, async (cloud) => {
      const { CiphertextBlob } = await encrypt(cloud);
      for (const key of cloud.kms.keys) key.state = state;
      await assert.rejects(encrypt(cloud), { name });
      await assert.rejects(decrypt(cloud, { CiphertextBlob }), { name });
    });
  });
}

Deno.test("KMS takes no credentials that nobody was given", async () => {
  await withLocalCloud({}, async (cloud) => {
    const stranger = { ...cloud, env: { ...cloud.env, AWS_ACCESS_KEY_ID: "AKIANOBODY" } };
    await assert.rejects(encrypt(stranger), { name: "UnrecognizedClientException" });
    const unsigned = await fetch(cloud.url, {
      method: "POST",
      headers: { "x-amz-target": "TrentService.Encrypt" },
      body: "{}",
    });
    assert.match(await unsigned.text(), /MissingAuthenticationTokenException/);
  });
});

Deno.test("the step's role may seal and not open, the build's own role open and not seal", async () => {
  await withLocalCloud({}, async (cloud) => {
    const step = { ...cloud, env: await stepCredentials(cloud) };
    const { CiphertextBlob } = await encrypt(step);
    await assert.rejects(decrypt(step, { CiphertextBlob }), {
      name: "AccessDeniedException",
      message: /kms:Decrypt/,
    });
    const { AWS_ACCESS_KEY_ID = "", AWS_SECRET_ACCESS_KEY = "" } = cloud.codeBuild.settings.machineEnv;
    const build = { ...cloud, env: { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } };
    assert.ok((await decrypt(build, { CiphertextBlob })).Plaintext);
    await assert.rejects(encrypt(build), { name: "AccessDeniedException", message: /kms:Encrypt/ });
  });
});

Deno.test("a fault can strike a call to KMS", async () => {
  await withLocalCloud({}, async (cloud) => {
    cloud.faults.inject({ call: "Encrypt", kind: "forbidden" });
    await assert.rejects(encrypt(cloud), { name: "AccessDeniedException", message: /perform: kms:Encrypt$/ });
    cloud.faults.inject({ call: "Decrypt", kind: "throttling" });
    const { CiphertextBlob } = await encrypt(cloud);
    await assert.rejects(decrypt(cloud, { CiphertextBlob }), { name: "ThrottlingException" });
    assert.deepEqual(cloud.requests.byCall("AWS"), { Encrypt: 2, Decrypt: 1 });
  });
});

/** What a step gets that assumes the role with its OIDC token. */
async function stepCredentials(cloud: LocalCloud): Promise<Record<string, string>> {
  const token = Promise.withResolvers<string>();
  cloud.bitbucket.startPipeline(
    "pipelines: { default: [{ step: { oidc: true, script: [start-runner] } }] }",
    {
      runCloudStep: ({ env }) => {
        token.resolve(env["BITBUCKET_STEP_OIDC_TOKEN"] ?? "");
        return Promise.resolve(0);
      },
    },
  );
  const command = new AssumeRoleWithWebIdentityCommand({
    RoleArn: cloud.env["AWS_ROLE_ARN"],
    RoleSessionName: "step-1",
    WebIdentityToken: await token.promise,
  });
  const { Credentials } = await awsClients(cloud).sts.send(command);
  return {
    AWS_ACCESS_KEY_ID: Credentials?.AccessKeyId ?? "",
    AWS_SECRET_ACCESS_KEY: Credentials?.SecretAccessKey ?? "",
  };
}

function encrypt(cloud: LocalCloud, change: Record<string, unknown> = {}) {
  const input = { KeyId: "alias/bitbucket-runner", Plaintext: PLAIN, EncryptionContext: CONTEXT, ...change };
  return awsClients(cloud).kms.send(new EncryptCommand(input));
}

function decrypt(cloud: LocalCloud, change: Record<string, unknown>) {
  const input = { CiphertextBlob: new Uint8Array(), EncryptionContext: CONTEXT, ...change };
  return awsClients(cloud).kms.send(new DecryptCommand(input));
}
