import assert from "node:assert/strict";
import type { LocalCloud } from "../../../scripts/local_cloud/start_local_cloud.ts";
import { STATIC_CREDENTIALS } from "../../../scripts/local_cloud/aws/aws_credentials.ts";
import { seal, unseal } from "../../../shared/aws/sealed_secrets.ts";
import { ConfigurationError } from "../../../shared/program/errors.ts";
import { withLocalCloud } from "../../fixtures/programs/local_cloud.ts";

const CONTEXT = { workspace: "{w-1}", repository: "{r-1}", pipeline: "{p-1}" };
const KEY = "alias/bitbucket-runner";
const BY = { keyId: KEY, context: CONTEXT };
const SECRETS = { BITBUCKET_API_EMAIL: "dev@example.com", BITBUCKET_API_TOKEN: 'tök«en\n"$(id)" 🔑' };

function optionsFor({ url }: LocalCloud) {
  const host = { env: { AWS_ENDPOINT_URL: url }, fetch };
  const credentials = { ...STATIC_CREDENTIALS, sessionToken: "" };
  return { host, region: "eu-central-1", timeoutMs: 5000, credentials };
}

Deno.test("`unseal()` gives back what `seal()` was given, which gives another text each time", async () => {
  await withLocalCloud({}, async (cloud) => {
    const options = optionsFor(cloud);
    const [one, two] = [await seal(options, SECRETS, BY), await seal(options, SECRETS, BY)];
    assert.notEqual(one, two);
    for (const text of [one, two, `${one}\n`]) {
      assert.match(text, /^v1\.[A-Za-z0-9+/]+=*\n?$/);
      assert.deepEqual(await unseal(options, text, CONTEXT), SECRETS);
    }
  });
});

Deno.test("the seal is bound to workspace, repository and pipeline, and to nothing else that comes with them", async () => {
  await withLocalCloud({}, async (cloud) => {
    const options = optionsFor(cloud);
    const text = await seal(options, SECRETS, { keyId: KEY, context: { ...CONTEXT, ...{ step: "{s}" } } });
    assert.deepEqual(await unseal(options, text, CONTEXT), SECRETS);
    for (const name of ["workspace", "repository", "pipeline"]) {
      await assert.rejects(unseal(options, text, { ...CONTEXT, [name]: "{other}" }), {
        name: "AwsCallError",
        code: "InvalidCiphertextException",
        kind: "invalid",
      });
    }
    const bare = cloud.kms.encrypt(KEY, new Uint8Array(10), { workspace: "{w-1}" });
    await assert.rejects(unseal(options, `v1.${bare.blob.toBase64()}`, CONTEXT), {
      code: "InvalidCiphertextException",
    });
  });
});

Deno.test("what was sealed with a key that the build may not use is not opened", async () => {
  await withLocalCloud({}, async (cloud) => {
    const { blob } = cloud.kms.encrypt("alias/other", new Uint8Array(10), CONTEXT);
    await assert.rejects(unseal(optionsFor(cloud), `v1.${blob.toBase64()}`, CONTEXT), {
      kind: "refused",
      code: "AccessDeniedException",
    });
  });
});

/** A text, and what is said of it; none of them reaches KMS. */
const DAMAGED: readonly (readonly [what: string, change: (text: string) => string, message: RegExp])[] = [
  ["no seal", () => "BITBUCKET_API_TOKEN=plain-text", /it does not begin with v1\.$/],
  [
    "what a later version makes",
    (text) => text.replace("v1.", "v2."),
    /begins with v2\., which this version/,
  ],
  ["no base64", (text) => `${text}!`, /it is no base64$/],
  ["a seal with a blank in its beginning", (text) => text.replace("v1.", "v1 ."), /does not begin with/],
];
for (const [what, change, message] of DAMAGED) {
  Deno.test(`\`unseal()\` refuses ${what} without asking KMS`, async () => {
    await withLocalCloud({}, async (cloud) => {
      const options = optionsFor(cloud);
      const text = change(await seal(options, SECRETS, BY));
      const error = await unseal(options, text, CONTEXT).catch((error) => error);
      assert.ok(error instanceof ConfigurationError);
      assert.match(error.message, message);
      assert.equal(cloud.requests.count({ call: "Decrypt" }), 0);
      assert.ok(!Deno.inspect(error).includes(text.slice(10, 40)), "the text is not shown");
    });
  });
}

for (const place of [0.1, 0.5, 0.99]) {
  Deno.test(`\`unseal()\` refuses a seal that was changed at ${100 * place} %`, async () => {
    await withLocalCloud({}, async (cloud) => {
      const options = optionsFor(cloud);
      const text = await seal(options, SECRETS, BY);
      const at = Math.floor(text.length * place) - 2;
      const changed = text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);
      await assert.rejects(
        unseal(options, changed, CONTEXT),
        /InvalidCiphertextException|AccessDeniedException/,
      );
    });
  });
}

const CANARY = "canary-4711";
const NO_RECORD: readonly (readonly [what: string, plain: string | Uint8Array<ArrayBuffer>])[] = [
  ["a text that is not deflated", new TextEncoder().encode(`{"A":"${CANARY}"}`)],
  ["cut JSON", `{"A":"${CANARY}`],
  ["a list", `["${CANARY}"]`],
  ["null", "null"],
  ["a number for a value", `{"A":4711,"B":"${CANARY}"}`],
  ["a name that no variable has", `{"A=B":"${CANARY}"}`],
  ["broken UTF-8", Uint8Array.of(0xff, 0xfe)],
];
for (const [what, plain] of NO_RECORD) {
  Deno.test(`\`unseal()\` refuses ${what} in the seal, and shows nothing of it`, async () => {
    await withLocalCloud({}, async (cloud) => {
      const bytes = typeof plain === "string" ? await deflated(plain) : plain;
      const { blob } = cloud.kms.encrypt(KEY, bytes, CONTEXT);
      const error = await unseal(optionsFor(cloud), `v1.${blob.toBase64()}`, CONTEXT).catch((error) => error);
      assert.ok(error instanceof ConfigurationError);
      assert.equal(
        error.message,
        "Cannot open RUNNER_SEALED: KMS has opened it, but there are no variables in it",
      );
      assert.ok(!Deno.inspect(error, { depth: 20 }).includes(CANARY));
    });
  });
}

Deno.test("what compresses may be longer than the variable", async () => {
  await withLocalCloud({}, async (cloud) => {
    const options = optionsFor(cloud);
    const secrets = { CERTIFICATES: "-----BEGIN CERTIFICATE-----\n".repeat(1000) };
    const text = await seal(options, secrets, BY);
    assert.ok(text.length < 1000, `${text.length}`);
    assert.deepEqual(await unseal(options, text, CONTEXT), secrets);
  });
});

Deno.test("`seal()` makes what fits into a variable, and says of the rest how long it would be and what to do", async () => {
  await withLocalCloud({}, async (cloud) => {
    const options = optionsFor(cloud);
    const fitting = await seal(options, { TOKEN: random(2800) }, BY);
    assert.ok(fitting.length > 3900 && fitting.length <= 4096, `${fitting.length}`);
    for (const [bytes, length] of [[2950, "4\\d\\d\\d"], [5000, "at least 6\\d\\d\\d"]] as const) {
      const token = random(bytes);
      const error = await seal(options, { TOKEN: token, OTHER: "x" }, BY).catch((error) => error);
      assert.ok(error instanceof ConfigurationError);
      assert.match(
        error.message,
        new RegExp(
          `^Cannot seal TOKEN, OTHER into RUNNER_SEALED: .* at most 4096 characters, .* would have ${length}$`,
        ),
      );
      assert.match(error.hint ?? "", /Secrets Manager/);
      assert.ok(!Deno.inspect(error, { depth: 20 }).includes(token.slice(0, 20)));
    }
    // The longest was not even sent.
    assert.equal(cloud.requests.count({ call: "Encrypt" }), 2);
  });
});

Deno.test("no failure of KMS shows what was to be sealed", async () => {
  await withLocalCloud({}, async (cloud) => {
    const options = { ...optionsFor(cloud), timeoutMs: 300 };
    for (const kind of ["forbidden", "reset before", "html"] as const) {
      cloud.faults.inject({ call: "Encrypt", kind, times: Infinity });
      const error = await seal(options, { TOKEN: CANARY }, BY).catch((error) => error);
      assert.equal(error.name, "AwsCallError", kind);
      const shown = Deno.inspect(error, { depth: 20 });
      const plain = await deflated(JSON.stringify({ TOKEN: CANARY }));
      for (const secret of [CANARY, plain.toBase64()]) assert.ok(!shown.includes(secret), shown);
      cloud.faults.clear();
    }
  });
});

async function deflated(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  return await new Response(stream).bytes();
}

/** Text of which each character holds a byte's worth that no compression finds, as far as JSON lets it. */
function random(bytes: number): string {
  return crypto.getRandomValues(new Uint8Array(Math.ceil(bytes * 3 / 4))).toBase64() +
    crypto.getRandomValues(new Uint8Array(Math.ceil(bytes / 4))).toBase64();
}
