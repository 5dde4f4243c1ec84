import assert from "node:assert/strict";
import { CodeBuildClient, ListBuildsForProjectCommand, StartBuildCommand } from "@aws-sdk/client-codebuild";
import { FetchHttpHandler } from "@smithy/fetch-http-handler";
import { FAULT_KINDS, type FaultKind } from "../../../scripts/local_cloud/server/faults.ts";
import type { LocalCloud } from "../../../scripts/local_cloud/start_local_cloud.ts";
import { withLocalCloud } from "../../fixtures/programs/local_cloud.ts";

interface Expected {
  /** The status of the answer; undefined when there is none. */
  readonly status: number | undefined;
  readonly body?: RegExp;
  /** Whether the call was carried out all the same. */
  readonly acted: boolean;
}

const ON_BITBUCKET: Record<FaultKind, Expected> = {
  "429": { status: 429, body: /"type":"error".*Rate limit/, acted: false },
  "429 with Retry-After": { status: 429, body: /Rate limit/, acted: false },
  "500": { status: 500, body: /"type":"error"/, acted: false },
  "502": { status: 502, body: /<html>/, acted: false },
  "503": { status: 503, body: /"type":"error"/, acted: false },
  "reset before": { status: undefined, acted: false },
  "reset after": { status: undefined, acted: true },
  "hang": { status: undefined, acted: false },
  "hang after": { status: undefined, acted: true },
  "html": { status: 200, body: /^<!DOCTYPE html>/, acted: true },
  "truncated": { status: 200, body: /^\{"type":"pipeline_runner".*[^}]$/, acted: true },
  "missing fields": { status: 200, body: /^\{\}$/, acted: true },
  "expired token": { status: 401, body: /Access token expired\./, acted: false },
  "throttling": { status: 429, body: /Rate limit/, acted: false },
  "clock skew": { status: 200, body: /pipeline_runner/, acted: true },
  "conflict": { status: 409, body: /Simultaneous state updates were attempted/, acted: false },
  "forbidden": { status: 403, body: /"required":\["runner:write"\]/, acted: false },
};

const ON_CODEBUILD: Record<FaultKind, Expected> = {
  "429": { status: 429, body: /"__type":"TooManyRequestsException"/, acted: false },
  "429 with Retry-After": { status: 429, body: /TooManyRequestsException/, acted: false },
  "500": { status: 500, body: /"__type":"InternalFailure"/, acted: false },
  "502": { status: 502, body: /<html>/, acted: false },
  "503": { status: 503, body: /"__type":"ServiceUnavailable"/, acted: false },
  "reset before": { status: undefined, acted: false },
  "reset after": { status: undefined, acted: true },
  "hang": { status: undefined, acted: false },
  "hang after": { status: undefined, acted: true },
  "html": { status: 200, body: /^<!DOCTYPE html>/, acted: true },
  "truncated": { status: 200, body: /^\{"build":.*[^}]$/, acted: true },
  "missing fields": { status: 200, body: /^\{\}$/, acted: true },
  "expired token": { status: 400, body: /"__type":"ExpiredTokenException"/, acted: false },
  "throttling": {
    status: 400,
    body: /"__type":"ThrottlingException","message":"Rate exceeded"/,
    acted: false,
  },
  "clock skew": { status: 403, body: /"__type":"InvalidSignatureException"/, acted: false },
  "conflict": { status: 409, body: /"__type":"ConflictException"/, acted: false },
  "forbidden": { status: 400, body: /"__type":"AccessDeniedException"/, acted: false },
};

for (const kind of FAULT_KINDS) {
  Deno.test(`The fault «${kind}» at CreateRunner strikes once, in Bitbucket's form`, async () => {
    await withLocalCloud({}, async (cloud) => {
      cloud.faults.inject({ call: "CreateRunner", kind });
      await assertStrikes(await answerTo(createRunner(cloud)), ON_BITBUCKET[kind]);
      assert.equal(cloud.bitbucket.runners.all.length, ON_BITBUCKET[kind].acted ? 1 : 0);
      assert.equal((await answerTo(createRunner(cloud)))?.status, 200);
      assert.deepEqual(cloud.requests.all.map(({ fault }) => fault), [kind, undefined]);
    });
  });

  Deno.test(`The fault «${kind}» at StartBuild strikes once, in AWS's form`, async () => {
    await withLocalCloud({}, async (cloud) => {
      cloud.faults.inject({ call: "StartBuild", kind });
      await assertStrikes(await answerTo(startBuild(cloud)), ON_CODEBUILD[kind]);
      assert.equal(cloud.codeBuild.builds.length, ON_CODEBUILD[kind].acted ? 1 : 0);
    });
  });
}

Deno.test("«429 with Retry-After» says when to come back", async () => {
  await withLocalCloud({}, async (cloud) => {
    cloud.faults.inject({ call: "CreateRunner", kind: "429 with Retry-After", retryAfterS: 7 });
    assert.equal((await answerTo(createRunner(cloud)))?.headers.get("retry-after"), "7");
  });
});

Deno.test("«clock skew» shows another time in the Date header", async () => {
  await withLocalCloud({}, async (cloud) => {
    cloud.faults.inject({ call: "CreateRunner", kind: "clock skew", minutes: 30 });
    const date = Date.parse((await answerTo(createRunner(cloud)))?.headers.get("date") ?? "");
    assert.ok(date - Date.now() > 29 * 60_000);
  });
});

Deno.test("A fault lets calls pass first, strikes as often as it was told, and spares other calls", async () => {
  await withLocalCloud({}, async (cloud) => {
    cloud.faults.inject({ call: "CreateRunner", kind: "500", after: 1, times: 2 });
    const statuses: (number | undefined)[] = [];
    for (let call = 0; call < 4; call++) statuses.push((await answerTo(createRunner(cloud)))?.status);
    assert.deepEqual(statuses, [200, 500, 500, 200]);
  });
});

Deno.test("A lasting fault ends with `clear()`", async () => {
  await withLocalCloud({}, async (cloud) => {
    cloud.faults.inject({ call: "*", kind: "503", times: Infinity });
    assert.equal((await answerTo(createRunner(cloud)))?.status, 503);
    assert.equal((await answerTo(createRunner(cloud)))?.status, 503);
    cloud.faults.clear();
    assert.equal((await answerTo(createRunner(cloud)))?.status, 200);
  });
});

Deno.test("Amazon's client gets over throttling, a reset and clock skew by itself, as with the real AWS", async () => {
  await withLocalCloud({}, async (cloud) => {
    const client = new CodeBuildClient({
      endpoint: cloud.url,
      region: "eu-central-1",
      requestHandler: new FetchHttpHandler(),
      credentials: credentialsOf(cloud),
    });
    for (const kind of ["throttling", "reset before", "clock skew"] as const) {
      cloud.faults.inject({ call: "StartBuild", kind });
      await client.send(new StartBuildCommand({ projectName: "bitbucket-runner", idempotencyToken: kind }));
    }
    const { ids } = await client.send(new ListBuildsForProjectCommand({ projectName: "bitbucket-runner" }));
    assert.equal(ids?.length, 3);
  });
});

function createRunner(cloud: LocalCloud): Request {
  return new Request(`${cloud.url}/2.0/repositories/acme/demo/pipelines-config/runners`, {
    method: "POST",
    headers: { authorization: "Bearer local-cloud-access-token", "content-type": "application/json" },
    body: JSON.stringify({ name: "n", labels: ["self.hosted"] }),
  });
}

function startBuild(cloud: LocalCloud): Request {
  const { accessKeyId } = credentialsOf(cloud);
  return new Request(`${cloud.url}/`, {
    method: "POST",
    headers: {
      "authorization":
        `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20261121/eu-central-1/codebuild/aws4_request`,
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "CodeBuild_20161006.StartBuild",
    },
    body: JSON.stringify({
      projectName: "bitbucket-runner",
      buildspecOverride: "{version: 0.2, phases: {build: {}}}",
    }),
  });
}

function credentialsOf(cloud: LocalCloud) {
  return {
    accessKeyId: cloud.env["AWS_ACCESS_KEY_ID"] ?? "",
    secretAccessKey: cloud.env["AWS_SECRET_ACCESS_KEY"] ?? "",
  };
}

/** The answer; undefined when the connection was cut or nothing came within half a second. */
async function answerTo(request: Request): Promise<Response | undefined> {
  try {
    const response = await fetch(request, { signal: AbortSignal.timeout(500) });
    return new Response(await response.text(), response);
  } catch {
    return undefined;
  }
}

async function assertStrikes(response: Response | undefined, expected: Expected): Promise<void> {
  assert.equal(response?.status, expected.status);
  if (expected.body !== undefined) assert.match(await response?.text() ?? "", expected.body);
}
