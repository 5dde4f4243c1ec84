import assert from "node:assert/strict";
import { createCodeBuild } from "../../../shared/aws/aws_codebuild.ts";
import { createKms } from "../../../shared/aws/aws_kms.ts";
import { lastLogLines } from "../../../shared/aws/aws_logs.ts";
import { assumeRole } from "../../../shared/aws/aws_sts.ts";
import { ConfigurationError } from "../../../shared/program/errors.ts";
import { startFakeAws } from "../../fixtures/servers/fake_aws.ts";

const CREDENTIALS = { accessKeyId: "AKIDTEST", secretAccessKey: "secret", sessionToken: "token" };
const ROLE = {
  roleArn: "arn:aws:iam::123456789012:role/x",
  webIdentityToken: "oidc",
  sessionName: "test",
  durationS: 900,
};

/** Where the four clients send their requests to; nothing is sent. */
async function addresses(env: Record<string, string>): Promise<string[]> {
  const asked: string[] = [];
  const host = {
    env,
    fetch: (input: RequestInfo | URL) => {
      asked.push(input instanceof Request ? input.url : String(input));
      const headers = {
        "content-type": "application/x-amz-json-1.1",
        "x-amzn-errortype": "AccessDeniedException",
      };
      return Promise.resolve(new Response("{}", { status: 400, headers }));
    },
  };
  const options = { host, region: "eu-west-1", timeoutMs: 1000, credentials: CREDENTIALS };
  await assert.rejects(assumeRole(options, ROLE));
  await assert.rejects(createCodeBuild(options).stopBuild("ci:1"));
  await assert.rejects(lastLogLines(options, { group: "g", stream: "s" }, 1));
  await assert.rejects(createKms(options).decrypt(new Uint8Array(1), {}));
  return [...new Set(asked)];
}

Deno.test("the AWS clients use the regional endpoints by default", async () => {
  assert.deepEqual(await addresses({}), [
    "https://sts.eu-west-1.amazonaws.com/",
    "https://codebuild.eu-west-1.amazonaws.com/",
    "https://logs.eu-west-1.amazonaws.com/",
    "https://kms.eu-west-1.amazonaws.com/",
  ]);
});

Deno.test("the AWS clients use the addresses of the environment, the service's own one first", async () => {
  assert.deepEqual(await addresses({ AWS_ENDPOINT_URL: "https://all.test" }), ["https://all.test/"]);
  assert.deepEqual(await addresses({ AWS_ENDPOINT_URL: "http://127.0.0.1:1" }), ["http://127.0.0.1:1/"]);
  const own = {
    AWS_ENDPOINT_URL: "https://all.test",
    AWS_ENDPOINT_URL_STS: "https://sts.test",
    AWS_ENDPOINT_URL_CODEBUILD: "https://codebuild.test",
    AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: "https://logs.test",
    AWS_ENDPOINT_URL_KMS: "https://kms.test",
  };
  assert.deepEqual(await addresses(own), [
    "https://sts.test/",
    "https://codebuild.test/",
    "https://logs.test/",
    "https://kms.test/",
  ]);
  const ignored = await addresses({ ...own, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" });
  assert.equal(ignored[0], "https://sts.eu-west-1.amazonaws.com/");
});

Deno.test("the AWS clients send credentials over https alone, loopback excepted", () => {
  for (const name of ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_CODEBUILD"]) {
    for (const url of ["http://all.test", "https://user:password@all.test"]) {
      const host = { env: { [name]: url }, fetch };
      assert.throws(
        () => createCodeBuild({ host, region: "eu-west-1", timeoutMs: 1000, credentials: CREDENTIALS }),
        (error) => {
          assert.ok(error instanceof ConfigurationError);
          assert.match(error.message, new RegExp(`^Cannot use .* from ${name}: ${name} takes a URL `));
          assert.doesNotMatch(error.message, /user:password/);
          return true;
        },
      );
    }
  }
});

Deno.test("`lastLogLines()` reads the end of the stream, without empty lines", async () => {
  await using aws = startFakeAws({ logLines: ["one", "", "two\nthree  ", "four"] });
  const host = { env: { AWS_ENDPOINT_URL: aws.url }, fetch };
  const options = { host, region: "eu-west-1", timeoutMs: 1000, credentials: CREDENTIALS };
  const lines = await lastLogLines(options, { group: "g", stream: "s" }, 3);
  assert.deepEqual(lines, ["two", "three", "four"]);
  assert.deepEqual(aws.calls[0]?.input, {
    logGroupName: "g",
    logStreamName: "s",
    limit: 3,
    startFromHead: false,
  });
});

Deno.test("`lastLogLines()` cuts a line that a step has written without an end", async () => {
  await using aws = startFakeAws({ logLines: ["x".repeat(1_000_000), "y"] });
  const host = { env: { AWS_ENDPOINT_URL: aws.url }, fetch };
  const options = { host, region: "eu-west-1", timeoutMs: 5000, credentials: CREDENTIALS };
  const lines = await lastLogLines(options, { group: "g", stream: "s" }, 3);
  assert.deepEqual(lines, [`${"x".repeat(2000)}…`, "y"]);
});

Deno.test("`assumeRole()` sends no signature, and gives the session's credentials", async () => {
  await using aws = startFakeAws();
  const host = { env: { AWS_ENDPOINT_URL: aws.url }, fetch };
  const credentials = await assumeRole({ host, region: "eu-west-1", timeoutMs: 1000 }, ROLE);
  assert.deepEqual(credentials, {
    accessKeyId: "ASIAFAKE1",
    secretAccessKey: "fake-secret-key-1",
    sessionToken: "fake-session-token-1",
  });
  assert.equal(aws.calls[0]?.headers.get("authorization"), null);
  assert.equal(aws.calls[0]?.input["DurationSeconds"], "900");
});

Deno.test("`createCodeBuild()` finds the builds CodeBuild knows, and leaves the others out", async () => {
  await using aws = startFakeAws();
  const host = { env: { AWS_ENDPOINT_URL: aws.url }, fetch };
  const codebuild = createCodeBuild({ host, region: "eu-west-1", timeoutMs: 1000, credentials: CREDENTIALS });
  const { id } = await codebuild.startBuild({ projectName: "ci", idempotencyToken: "t" });
  assert.deepEqual((await codebuild.getBuilds([id, "ci:unknown"])).map((build) => build.id), [id]);
  assert.deepEqual(await codebuild.newestBuilds("ci"), [id]);
  assert.equal((await codebuild.lookAt("ci:unknown")).build, undefined);
  assert.equal((await codebuild.stopBuild(id)).buildStatus, "STOPPED");
});
