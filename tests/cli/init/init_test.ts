import assert from "node:assert/strict";
import { parse } from "yaml";
import type { LocalCloud } from "../../../scripts/local_cloud/start_local_cloud.ts";
import { documentsOf } from "../../../scripts/setup/page_documents.ts";
import { needing } from "../../fixtures/needing.ts";
import { withLocalCloud } from "../../fixtures/programs/local_cloud.ts";
import { runInProcess, runProcess } from "../../fixtures/programs/start_runner.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";
import { SETUP } from "../setup/sample_setup.ts";

const BITBUCKET = ["--workspace", "acme", "--workspace-uuid", SETUP.workspaceUuid, "--repositories"];
const REPOSITORIES = [...BITBUCKET, SETUP.repositories[0]?.uuid ?? ""];
const OFFLINE = [
  ...["init", ...REPOSITORIES, "--region", "eu-west-1", "--account", "123456789012", "--project", "ci"],
  ...["--existing-provider", "false"],
];
const PROVIDER =
  "arn:aws:iam::123456789012:oidc-provider/api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc";

/** What a laptop has: credentials of a person, and nothing of a pipeline. */
function laptop({ env }: LocalCloud, more: Record<string, string> = {}): Record<string, string> {
  const kept = ["AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
  return { ...Object.fromEntries(kept.map((name) => [name, env[name] ?? ""])), ...more };
}

Deno.test("init prints each form without asking anything of AWS where it is told the account", async () => {
  const forms: Readonly<Record<string, RegExp>> = {
    "cloudformation": /^AWSTemplateFormatVersion: "2010-09-09"\n/,
    "terraform": /^terraform \{\n/,
    "aws-cli": /^#!\/bin\/sh\n/,
    "pipeline": /^# The first step starts/,
  };
  for (const [form, expected] of Object.entries(forms)) {
    const { code, stdout, stderr } = await runInProcess({}, { args: [...OFFLINE, "--print", form] });
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, expected);
  }
});

Deno.test("init prints documents of exactly the setup that was asked for", async () => {
  const args = [
    ...OFFLINE,
    "--credentials",
    "runner",
    "--runner-types",
    "shell",
    "--allow-variables",
    "NODE_ENV",
  ];
  const { stdout } = await runInProcess({}, { args: [...args, "--print", "cloudformation"] });
  const expected = documentsOf({
    ...SETUP,
    startRole: "ci-start",
    credentials: "runner",
    runnerTypes: ["shell"],
    ownVariables: ["NODE_ENV"],
  });
  const { PolicyDocument } = parse(stdout).Resources.StartPolicy.Properties;
  assert.deepEqual(PolicyDocument, JSON.parse(JSON.stringify(expected["permissions.json"])));
});

const REFUSED: readonly (readonly [what: string, args: string[], RegExp])[] = [
  ["nothing it needs is given", [], /Missing the workspace's slug: .*\n.*Missing the UUID of the workspace/],
  ["a value is wrong", [...OFFLINE, "--retention", "31"], /--retention takes one of 1, 3, 5/],
  ["a form is unknown", [...OFFLINE, "--print", "cdk"], /--print takes one of cloudformation, terraform/],
  [
    "a type is unknown",
    [...OFFLINE, "--runner-types", "shell,vm"],
    /--runner-types takes shell, docker or both/,
  ],
  [
    "a variable is guarded",
    [...OFFLINE, "--allow-variables", "LD_PRELOAD"],
    /LD_PRELOAD: it belongs to the project/,
  ],
  [
    "image and environment differ",
    [...OFFLINE, "--environment-type", "ARM_CONTAINER"],
    /Cannot use this image/,
  ],
  ["a credential is given as a flag", [...OFFLINE, "--token", "x"], /Unknown flag --token/],
];

for (const [what, args, expected] of REFUSED) {
  Deno.test(`init ends with 2 where ${what}, and makes nothing`, async () => {
    const given = args.length === 0 ? ["init", "--region", "eu-west-1"] : args;
    const { code, stdout, stderr } = await runInProcess({}, { args: given });
    assert.equal(code, 2, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, expected);
  });
}

Deno.test("init shows what it would make, and makes nothing unasked", async () => {
  await withLocalCloud({}, async (cloud) => {
    const { code, stdout } = await runProcess(laptop(cloud), ["init", ...REPOSITORIES, "--project", "ci"]);
    assert.equal(code, 0);
    assert.match(
      stdout,
      /^In account 123456789012, region eu-central-1:\n(- .*\n)+Nothing was made: --apply makes it/,
    );
    assert.equal(cloud.codeBuild.projects.has("ci"), false);
  });
});

Deno.test("init --apply makes everything, changes nothing the second time, and then what differs alone", async () => {
  await withLocalCloud({}, async (cloud) => {
    await withTemporaryFolder(async (folder) => {
      const apply = async (...more: string[]) => {
        const args = ["init", ...REPOSITORIES, "--project", "ci", "--apply", "--pipeline", `${folder}/p.yml`];
        const run = await runProcess(laptop(cloud, { BITBUCKET_ACCESS_TOKEN: "token-of-a-repository" }), [
          ...args,
          ...more,
        ]);
        assert.equal(run.code, 0, run.stderr);
        assert.ok(!(run.stdout + run.stderr).includes("token-of-a-repository"));
        return run;
      };
      const { stdout, stderr } = await apply();
      assert.match(
        stderr,
        /Making stack ci .*\n(.* CREATE_COMPLETE\n)+.*Secret ci has its value\n.*a sample was written/,
      );
      assert.match(stdout, /^ {2}AWS_ROLE_ARN=arn:aws:iam::123456789012:role\/ci-start$/m);
      assert.deepEqual(cloud.account.secretValues, { "ci:token": "token-of-a-repository" });
      assert.deepEqual(cloud.account.providers, [PROVIDER]);
      assert.ok(cloud.account.roles.some(({ arn }) => arn.endsWith(":role/ci-build")));

      const again = await apply();
      assert.match(again.stderr, /Stack ci is as it should be: nothing to change/);
      assert.match(again.stderr, /p\.yml: there already, left as it is/);

      const changed = await apply("--timeout", "60");
      assert.match(changed.stderr, /Changing stack ci with CloudFormation\n.*Project .* UPDATE_COMPLETE/);
      assert.doesNotMatch(changed.stderr, /Role/);
      assert.equal(cloud.codeBuild.projects.get("ci")?.timeoutInMinutes, 60);
      assert.deepEqual(cloud.account.providers, [PROVIDER]);
    });
  });
});

Deno.test("init --apply leaves an identity provider that is there as it is", async () => {
  await withLocalCloud({}, async (cloud) => {
    await withTemporaryFolder(async (folder) => {
      cloud.account.providers.push(PROVIDER);
      const args = ["init", ...REPOSITORIES, "--project", "ci", "--apply", "--pipeline", `${folder}/p.yml`];
      const { code, stdout, stderr } = await runProcess(laptop(cloud), args);
      assert.equal(code, 0, stderr);
      assert.match(stdout, /identity\/oidc: there already, left as it is/);
      assert.doesNotMatch(stderr, /IdentityProvider/);
      assert.match(stdout, /^Put \{"token": "…"\} into a file credentials\.json/m);
    });
  });
});

Deno.test("init --apply ends with 1 and the reason of the first failure, and leaves nothing of the stack", async () => {
  await withLocalCloud({}, async (cloud) => {
    cloud.codeBuild.projects.set("ci", { name: "ci" });
    const { code, stderr } = await runProcess(laptop(cloud), [
      "init",
      ...REPOSITORIES,
      "--project",
      "ci",
      "--apply",
    ]);
    assert.equal(code, 1, stderr);
    assert.match(
      stderr,
      /^error: Cannot make stack ci: Project \(AWS::CodeBuild::Project\) CREATE_FAILED: Project already/m,
    );
    assert.match(stderr, /^hint: something of that name is there already/m);
    assert.deepEqual([cloud.account.providers, cloud.account.roles.length, cloud.account.secrets.size], [
      [],
      1,
      0,
    ]);
  });
});

Deno.test("init ends with 3 where AWS refuses, and goes on where only the providers may not be listed", async () => {
  await withLocalCloud({}, async (cloud) => {
    const refused = await runProcess(laptop(cloud, { AWS_ACCESS_KEY_ID: "AKIAUNKNOWN" }), [
      "init",
      ...REPOSITORIES,
    ]);
    assert.equal(refused.code, 3, refused.stderr);
    cloud.faults.inject({ call: "ListOpenIDConnectProviders", kind: "forbidden" });
    const { code, stderr } = await runProcess(laptop(cloud), [
      "init",
      ...REPOSITORIES,
      "--print",
      "terraform",
    ]);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /warning: Not known whether the account has the identity provider already/);
  });
});

Deno.test("init --apply tells what is left to do where only the secret's value could not be set, and ends with 3", async () => {
  await withLocalCloud({}, async (cloud) => {
    await withTemporaryFolder(async (folder) => {
      cloud.faults.inject({ call: "PutSecretValue", kind: "forbidden" });
      const env = laptop(cloud, { BITBUCKET_ACCESS_TOKEN: "token-of-a-repository" });
      const args = ["init", ...REPOSITORIES, "--project", "ci", "--apply", "--pipeline", `${folder}/p.yml`];
      const { code, stdout, stderr } = await runProcess(env, args);
      assert.equal(code, 3, stderr);
      assert.match(stdout, /aws secretsmanager put-secret-value/);
      assert.match(stderr, /^hint: all else is made: put the value in by hand/m);
    });
  });
});

/** Runs init on a terminal of its own, on which these texts are typed, each once its question is there. */
async function onTerminal(
  env: Record<string, string>,
  args: readonly string[],
  answers: readonly (readonly [question: string, answer: string])[],
): Promise<{ code: number; shown: string }> {
  const main = new URL("../../../cli/main.ts", import.meta.url).pathname;
  const config = new URL("../../../deno.json", import.meta.url).pathname;
  const words = ["run", "-q", "-P=start-runner", "--no-prompt", "-c", config, main, "init", ...args];
  const command = [Deno.execPath(), ...words].map((word) => `'${word}'`).join(" ");
  const child = new Deno.Command("script", {
    args: ["--quiet", "--return", "--command", command, "/dev/null"],
    env: { ...Deno.env.toObject(), ...env },
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const keyboard = child.stdin.getWriter();
  const left = [...answers];
  let shown = "";
  let looked = 0;
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    shown += chunk;
    const [question, answer] = left[0] ?? [];
    if (question === undefined || answer === undefined || !shown.slice(looked).includes(question)) continue;
    left.shift();
    looked = shown.length;
    await keyboard.write(new TextEncoder().encode(answer));
  }
  await keyboard.close().catch(() => {});
  return { code: (await child.status).code, shown };
}

Deno.test(
  needing(["script"], "init asks on a terminal for what is missing, and hides the credential"),
  async () => {
    await withLocalCloud({}, async (cloud) => {
      await withTemporaryFolder(async (folder) => {
        const { code, shown } = await onTerminal(laptop(cloud), ["--pipeline", `${folder}/p.yml`], [
          ["Name of the CodeBuild project", "ci\n"],
          ["Bitbucket workspace", "acme\n"],
          ["UUID of the workspace", "no uuid\n"],
          ["UUID of the workspace", `${SETUP.workspaceUuid}\n`],
          ["UUIDs of the repositories", `${SETUP.repositories[0]?.uuid}\n`],
          ["Bitbucket credentials", "\n"],
          ["with CloudFormation now?", "yes\n"],
          ["access token, not shown", "typed-and-hiddem\x7fn\n"],
        ]);
        assert.equal(code, 0, shown);
        assert.deepEqual(cloud.account.secretValues, { "ci:token": "typed-and-hidden" });
        assert.ok(!shown.includes("typed-and"), shown);
        assert.match(shown, /Cannot use «no uuid» from --workspace-uuid/);
        assert.match(await Deno.readTextFile(`${folder}/p.yml`), /start-runner/);
      });
    });
  },
);

for (const question of ["with CloudFormation now?", "access token, not shown"]) {
  Deno.test(
    needing(["script"], `init ends with 130 on Ctrl-C at «${question}», and has made nothing`),
    async () => {
      await withLocalCloud({}, async (cloud) => {
        const args = [...REPOSITORIES, "--project", "ci", "--credentials", "project"];
        const answers: [string, string][] = [["with CloudFormation now?", "yes\n"], [
          "access token, not shown",
          "x",
        ]];
        const cut = answers.slice(0, answers.findIndex(([one]) => one === question));
        const { code, shown } = await onTerminal(laptop(cloud), args, [...cut, [question, "\x03"]]);
        assert.equal(code, 130, shown);
        assert.equal(cloud.codeBuild.projects.has("ci"), false);
      });
    },
  );
}
