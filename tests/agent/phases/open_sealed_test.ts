import assert from "node:assert/strict";
import { openSealed } from "../../../agent/phases/open_sealed.ts";
import type { LocalCloud } from "../../../scripts/local_cloud/start_local_cloud.ts";
import { STATIC_CREDENTIALS } from "../../../scripts/local_cloud/aws/aws_credentials.ts";
import { seal } from "../../../shared/aws/sealed_secrets.ts";
import { ConfigurationError } from "../../../shared/program/errors.ts";
import { withLocalCloud } from "../../fixtures/programs/local_cloud.ts";

const UUIDS = {
  WORKSPACE_UUID: "{1a000000-0000-4000-8000-000000000001}",
  REPO_UUID: "{1a000000-0000-4000-8000-000000000002}",
  PIPELINE_UUID: "{1a000000-0000-4000-8000-000000000003}",
};
const CONTEXT = {
  workspace: "{1a000000-0000-4000-8000-000000000001}",
  repository: "{1a000000-0000-4000-8000-000000000002}",
  pipeline: "{1a000000-0000-4000-8000-000000000003}",
};
const SECRETS = { BITBUCKET_API_TOKEN: "from-the-seal" };

Deno.test("`openSealed()` opens nothing where nothing is sealed, and asks nobody", async () => {
  for (const env of [{}, { RUNNER_SEALED: "" }]) {
    assert.deepEqual(await openSealed({ env: env as Record<string, string>, fetch: nobody }), {});
  }
});

Deno.test("`openSealed()` says at once all that it lacks", async () => {
  const env = {
    RUNNER_SEALED: "v1.AAAA",
    REPO_UUID: "{1a000000-0000-4000-8000-000000000002}",
    PIPELINE_UUID: "{x/y}",
  };
  await assert.rejects(openSealed({ env, fetch: nobody }), (error) => {
    assert.ok(error instanceof ConfigurationError);
    assert.deepEqual(
      error.problems.map((problem) => /WORKSPACE_UUID|PIPELINE_UUID|AWS_REGION/.exec(problem)?.[0]),
      [
        "WORKSPACE_UUID",
        "PIPELINE_UUID",
        "AWS_REGION",
      ],
    );
    return true;
  });
});

Deno.test("`openSealed()` asks KMS once, as the build's own role, UUIDs with or without braces", async () => {
  await withLocalCloud({}, async (cloud) => {
    const RUNNER_SEALED = await sealed(cloud);
    const bare = Object.fromEntries(
      Object.entries(UUIDS).map(([name, value]) => [name, value.replace(/[{}]/g, "")]),
    );
    for (const uuids of [UUIDS, bare]) {
      assert.deepEqual(await openInBuild(cloud, { RUNNER_SEALED, ...uuids }), { opened: SECRETS });
    }
    assert.equal(cloud.requests.count({ call: "Decrypt" }), 2);
  });
});

interface Refusal {
  readonly what: string;
  readonly env?: Record<string, string>;
  readonly arrange?: (cloud: LocalCloud) => void;
  readonly exitCode: number;
  readonly hint: RegExp;
}

const REFUSALS: readonly Refusal[] = [
  {
    what: "another pipeline's seal",
    env: { PIPELINE_UUID: "{1a000000-0000-4000-8000-000000000005}" },
    exitCode: 2,
    hint: /another workspace, repository or pipeline than .*pipeline=\{1a0\S+5\}/,
  },
  {
    what: "what is no seal",
    env: { RUNNER_SEALED: "plain" },
    exitCode: 2,
    hint: /start-runner sets RUNNER_SEALED/,
  },
  {
    what: "a seal without the right to open it",
    arrange: ({ faults }) => faults.inject({ call: "Decrypt", kind: "forbidden", times: Infinity }),
    exitCode: 3,
    hint: /allow kms:Decrypt/,
  },
  {
    what: "a seal whose key is disabled",
    arrange: ({ kms }) => kms.keys.forEach((key) => key.state = "Disabled"),
    exitCode: 2,
    hint: /enable it/,
  },
  {
    what: "a seal while KMS does not answer",
    arrange: ({ faults }) => faults.inject({ call: "Decrypt", kind: "503", times: Infinity }),
    exitCode: 1,
    hint: /run the pipeline again/,
  },
  {
    what: "a seal without credentials",
    env: { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" },
    exitCode: 3,
    hint: /has a service role/,
  },
];

for (const { what, env = {}, arrange, exitCode, hint } of REFUSALS) {
  Deno.test(`\`openSealed()\` ends with ${exitCode} for ${what}, and does not show it`, async () => {
    await withLocalCloud({}, async (cloud) => {
      const RUNNER_SEALED = await sealed(cloud);
      arrange?.(cloud);
      const outcome = await openInBuild(cloud, { RUNNER_SEALED, ...UUIDS, ...env });
      assert.equal(outcome.exitCode, exitCode, outcome.shown);
      assert.match(outcome.hint ?? "", hint);
      assert.ok(!outcome.shown?.includes(RUNNER_SEALED.slice(20, 60)));
    });
  });
}

const PROGRAM = `
  import { openSealed } from "${import.meta.resolve("../../../agent/phases/open_sealed.ts")}";
  import { systemHost } from "${import.meta.resolve("../../../shared/program/system_host.ts")}";
  const outcome = await openSealed(systemHost()).then(
    (opened) => ({ opened }),
    (error) => ({ exitCode: error.exitCode, hint: error.hint, shown: Deno.inspect(error, { depth: 20 }) }),
  );
  console.log(JSON.stringify(outcome));
`;

interface Outcome {
  readonly opened?: unknown;
  readonly exitCode?: number;
  readonly hint?: string;
  readonly shown?: string;
}

/** In a process of its own, since the SDK finds the role's credentials in the process's environment. */
async function openInBuild(cloud: LocalCloud, env: Record<string, string>): Promise<Outcome> {
  const { machineEnv, region } = cloud.codeBuild.settings;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "-q", PROGRAM],
    env: { ...machineEnv, AWS_REGION: region, AWS_EC2_METADATA_DISABLED: "true", ...env },
  }).output();
  const text = new TextDecoder().decode(stdout);
  assert.notEqual(text, "", new TextDecoder().decode(stderr));
  return JSON.parse(text);
}

function sealed({ url, kms }: LocalCloud): Promise<string> {
  const credentials = { ...STATIC_CREDENTIALS, sessionToken: "" };
  const host = { env: { AWS_ENDPOINT_URL: url }, fetch };
  const options = { host, region: "eu-central-1", timeoutMs: 5000, credentials };
  return seal(options, SECRETS, { keyId: kms.arn(), context: CONTEXT });
}

function nobody(): Promise<never> {
  return Promise.reject(new Error("nobody is to be asked"));
}
