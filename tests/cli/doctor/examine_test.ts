import assert from "node:assert/strict";
import type { CodeBuildProject } from "../../../scripts/local_cloud/codebuild/codebuild_project.ts";
import type { LocalCloudOptions } from "../../../scripts/local_cloud/start_local_cloud.ts";
import { FLEET } from "../../fixtures/servers/fleet.ts";
import { checksWith, diagnose, type SetUp } from "./doctor_run.ts";

type CloudOptions = Omit<LocalCloudOptions, "releaseFolder">;

/** A set-up that is broken in one way: the check that finds it, what it says, and what it advises. */
interface Broken extends SetUp {
  readonly what: string;
  readonly check: string;
  readonly detail: RegExp;
  readonly remedy: RegExp;
  /** Where in the file of pipelines. */
  readonly at?: string;
  /** Other checks that come to nothing for the same reason. */
  readonly also?: readonly string[];
}

const PROJECT = "bitbucket-runner";
const CONSUMER = [
  { name: "BITBUCKET_OAUTH_CLIENT_ID", value: "local-cloud-key" },
  { name: "BITBUCKET_OAUTH_CLIENT_SECRET", value: "bitbucket:secret", type: "SECRETS_MANAGER" },
] as const;
const OF_ANOTHER = "{99999999-9999-4999-8999-999999999999}";

const START = "- step: { name: Start, oidc: true, script: [start-runner] }";
const SERVED = "- step: { name: Test, runs-on: [self.hosted, linux.shell], script: [make] }";

const BROKEN: readonly Broken[] = [
  {
    what: "a consumer that may not write runners",
    cloud: withScopes("runner", "pipeline"),
    check: "scopes",
    detail: /^runner:write, .*; missing scope: runner:write$/,
    remedy: /Add the scope runner:write to the OAuth consumer/,
  },
  {
    what: "a consumer that may not even see runners",
    cloud: withScopes("pipeline"),
    check: "scopes",
    detail: /missing scope: runner/,
    remedy: /Add the scope runner/,
  },
  {
    what: "a consumer that may not see pipelines",
    cloud: withScopes("runner:write"),
    check: "scopes",
    detail: /^pipeline, .*missing scope: pipeline/,
    remedy: /Add the scope pipeline/,
  },
  {
    what: "a wrong consumer's secret",
    variables: { BITBUCKET_OAUTH_CLIENT_SECRET: "of-another-one" },
    check: "bitbucket",
    detail: /^an OAuth consumer, from the environment: .*40[01]/,
    remedy: /BITBUCKET_OAUTH_CLIENT_SECRET/,
  },
  {
    what: "a token for the audience of another workspace",
    subject: { workspaceUuid: OF_ANOTHER },
    check: "token",
    detail:
      /its audience is ari:cloud:bitbucket::workspace\/99999999.* and this workspace's is ari.*3f2a1f6e/,
    remedy: /audiences/,
  },
  {
    what: "a token of another workspace's issuer",
    subject: { workspaceSlug: "other" },
    check: "token",
    detail: /issued for workspace «other», and this step is of «acme»/,
    remedy: /slug/,
  },
  {
    what: "a token about another repository",
    subject: { repositoryUuid: OF_ANOTHER },
    check: "token",
    detail: /its subject is \{99999999/,
    remedy: /BITBUCKET_REPO_UUID/,
  },
  {
    what: "no oidc: true",
    variables: { BITBUCKET_STEP_OIDC_TOKEN: "" },
    check: "token",
    detail: /no OIDC token/,
    remedy: /add `oidc: true` to the step/,
    also: ["role"],
  },
  {
    what: "a role that is not there",
    variables: { AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/bitbucket-runer" },
    check: "role",
    detail: /AccessDenied/,
    remedy: /trust policy/,
  },
  {
    what: "no role",
    variables: { AWS_ROLE_ARN: "" },
    check: "configuration",
    detail: /Missing the IAM role/,
    remedy: /--help/,
    also: ["role"],
  },
  {
    what: "no project",
    variables: { CODEBUILD_PROJECT: "" },
    check: "configuration",
    detail: /Missing the CodeBuild project/,
    remedy: /--help/,
  },
  {
    what: "no region",
    variables: { AWS_REGION: "" },
    check: "configuration",
    detail: /Missing the AWS region/,
    remedy: /--help/,
  },
  {
    what: "another region",
    variables: { AWS_REGION: "eu-west-1" },
    check: "project",
    detail: /no CodeBuild project «bitbucket-runner» in eu-west-1/,
    remedy: /--region/,
  },
  {
    what: "another region, where the role may not look at projects",
    variables: { AWS_REGION: "eu-west-1" },
    faults: [{ call: "BatchGetProjects", kind: "forbidden", times: Infinity }],
    check: "project",
    detail: /no CodeBuild project «bitbucket-runner» in eu-west-1/,
    remedy: /--region/,
  },
  {
    what: "a key that does not seal",
    variables: { RUNNER_CREDENTIALS: "secret", RUNNER_KMS_KEY: "alias/nobodys" },
    check: "seal",
    detail: /Cannot call Encrypt/,
    remedy: /RUNNER_KMS_KEY/,
  },
  {
    what: "a mistyped project",
    args: ["--project", "bitbucket-runer"],
    check: "project",
    detail: /no CodeBuild project «bitbucket-runer»/,
    remedy: /--project/,
  },
  {
    what: "a project without privileged mode, for a Docker runner",
    cloud: withProject({ privilegedMode: false }),
    args: ["--runner-type", "docker"],
    check: "privileged",
    detail: /not privileged/,
    remedy: /privilegedMode/,
  },
  {
    what: "a machine that is too small",
    cloud: withProject({ computeType: "BUILD_GENERAL1_SMALL" }),
    check: "size",
    detail: /BUILD_GENERAL1_SMALL has 4 GB of memory, and Atlassian asks for 8 GB/,
    remedy: /medium/,
  },
  {
    what: "an image that is too old",
    cloud: withProject({ image: "aws/codebuild/amazonlinux2-x86_64-standard:4.0" }),
    check: "image",
    detail: /C library of aws.* is too old/,
    remedy: /amazonlinux-x86_64-standard:5\.0/,
  },
  {
    what: "a fleet that is not there",
    variables: { CODEBUILD_FLEET: "builders" },
    check: "fleet",
    detail: /no fleet «builders» in eu-central-1/,
    remedy: /list-fleets/,
  },
  {
    what: "a fleet that could not be made",
    cloud: {
      codeBuild: { fleets: [{ ...FLEET, status: { statusCode: "CREATE_FAILED", message: "no subnet" } }] },
    },
    args: ["--fleet", "builders"],
    check: "fleet",
    detail: /^Fleet builders could not be created \(CREATE_FAILED\): no subnet/,
    remedy: /see the fleet in the console/,
  },
  {
    what: "an image of another architecture",
    cloud: withProject({ environmentType: "ARM_CONTAINER" }),
    check: "image",
    detail: /runs on LINUX_CONTAINER.*not on ARM_CONTAINER/,
    remedy: /environment type/,
  },
  {
    what: "Lambda compute",
    cloud: withProject({
      image: "python:3",
      environmentType: "LINUX_LAMBDA_CONTAINER",
      computeType: "BUILD_LAMBDA_2GB",
    }),
    check: "image",
    detail: /LINUX_LAMBDA_CONTAINER/,
    remedy: /LINUX_CONTAINER/,
  },
  {
    what: "a project of CodePipeline",
    cloud: withProject({ sourceType: "CODEPIPELINE" }),
    check: "source",
    detail: /CODEPIPELINE/,
    remedy: /NO_SOURCE/,
  },
  {
    what: "a custom buildspec that the project does not have",
    args: ["--custom-buildspec"],
    check: "source",
    detail: /no buildspec of its own/,
    remedy: /start-runner buildspec/,
  },
  {
    what: "an account that may run no build",
    cloud: { codeBuild: { concurrentBuilds: 0 } },
    check: "quota",
    detail: /may run no build of BUILD_GENERAL1_MEDIUM/,
    remedy: /higher quota/,
  },
  {
    what: "a label that breaks the rules",
    variables: { RUNNER_LABEL: "Bad_Label" },
    check: "configuration",
    detail: /Bad_Label/,
    remedy: /--help/,
  },
  {
    what: "a release that is not there",
    variables: { RUNNER_RELEASE_URL: "http://127.0.0.1:1" },
    check: "release",
    detail: /http:\/\/127\.0\.0\.1:1 cannot be reached from here/,
    remedy: /--release-url/,
  },
  {
    what: "an address without a release",
    variables: { RUNNER_RELEASE_URL: "CLOUD/elsewhere" },
    check: "release",
    detail: /SHA256SUMS is answered with 404/,
    remedy: /--release-url/,
  },
  {
    what: "a secret that does not exist",
    cloud: withProject({ environmentVariables: CONSUMER }, {}),
    check: "secret",
    detail: /BITBUCKET_OAUTH_CLIENT_SECRET refers to «bitbucket», and Secrets Manager has no such secret/,
    remedy: /make the secret/,
  },
  {
    what: "a project without credentials",
    cloud: withProject({ environmentVariables: [] }),
    check: "credentials",
    detail: /neither the step nor the project/,
    remedy: /BITBUCKET_ACCESS_TOKEN/,
  },
  {
    what: "half a pair of credentials in the project",
    cloud: withProject({ environmentVariables: [{ name: "BITBUCKET_API_TOKEN", value: "x" }] }),
    check: "credentials",
    detail: /Missing half/,
    remedy: /BITBUCKET_ACCESS_TOKEN/,
  },
  forbidden("BatchGetBuilds"),
  forbidden("StopBuild"),
  forbidden("ListBuildsForProject"),
  {
    what: "GetLogEvents is forbidden",
    faults: [{ call: "GetLogEvents", kind: "forbidden", times: Infinity }],
    check: "log",
    detail: /GetLogEvents/,
    remedy: /allow logs:GetLogEvents/,
  },
  {
    what: "a repository that is full of runners",
    before: ({ bitbucket }) => {
      const owner = bitbucket.settings.repositories[0]?.uuid ?? "";
      for (let count = 0; count < 100; count++) {
        bitbucket.runners.create(owner, `runner-${count}`, ["self.hosted"]);
      }
    },
    check: "runners",
    detail: /100 of at most 100/,
    remedy: /cleanup/,
  },
  {
    what: "a repository without room for so many runners",
    before: ({ bitbucket }) => {
      const owner = bitbucket.settings.repositories[0]?.uuid ?? "";
      for (let count = 0; count < 97; count++) {
        bitbucket.runners.create(owner, `runner-${count}`, ["self.hosted"]);
      }
    },
    args: ["--runners", "4"],
    check: "runners",
    detail: /97 of at most 100 runners, and a start brings 4/,
    remedy: /cleanup/,
  },
  {
    what: "a first step without oidc: true",
    pipelines: pipelines("- step: { name: Start, script: [start-runner] }", SERVED),
    check: "pipelines",
    detail: /Start.*no OIDC token/,
    remedy: /oidc: true/,
    at: "4:7",
  },
  {
    what: "a runs-on that no runner satisfies",
    pipelines: pipelines(
      START,
      "- step: { name: Test, runs-on: [self.hosted, linux.shell, large], script: [make] }",
    ),
    check: "pipelines",
    detail: /Test.*large/,
    remedy: /./,
    at: "5:63",
  },
  {
    what: "more self-hosted steps than runners",
    pipelines: pipelines(START, SERVED, SERVED.replace("Test", "Deploy")),
    check: "pipelines",
    detail: /Deploy/,
    remedy: /./,
    at: "6:7",
  },
  {
    what: "a file of pipelines with a misspelt key",
    pipelines: pipelines(START, SERVED.replace("script", "scripts")),
    check: "pipelines",
    detail: /scripts/,
    remedy: /reference/,
    at: "5:\\d+",
  },
  {
    what: "a file of pipelines that is not there",
    args: ["--pipelines", "/nonexistent.yml"],
    check: "pipelines",
    detail: /\/nonexistent\.yml cannot be read: it is not there/,
    remedy: /--pipelines/,
  },
];

for (const broken of BROKEN) {
  Deno.test(`doctor finds ${broken.what}`, async () => {
    await diagnose(broken, ({ code, findings, stdout, stderr }) => {
      const failed = findings.filter(({ verdict }) => verdict === "FAIL");
      const shown = `${stdout}\n${stderr}`;
      assert.equal(code, 1, shown);
      const found = failed.find(({ check, detail }) => check === broken.check && broken.detail.test(detail));
      assert.ok(found, shown);
      assert.match(found.remedy ?? "", broken.remedy);
      if (broken.at !== undefined) assert.match(found.place ?? "", new RegExp(`pipelines.yml:${broken.at}$`));
      assert.deepEqual(checksWith("FAIL", failed).sort(), [broken.check, ...broken.also ?? []].sort(), shown);
    });
  });
}

const HEALTHY: readonly (SetUp & { readonly what: string; readonly unknown: readonly string[] })[] = [
  { what: "the local cloud's own", unknown: ["permissions", "pipelines"] },
  {
    what: "a build that may be looked into",
    args: ["--debug-on-failure", "30"],
    unknown: ["permissions", "pipelines", "session"],
  },
  { what: "a Docker runner", args: ["--runner-type", "docker"], unknown: ["permissions", "pipelines"] },
  {
    what: "a key that seals",
    variables: { RUNNER_CREDENTIALS: "secret" },
    before: (cloud) => {
      Object.assign(cloud.env, { RUNNER_KMS_KEY: cloud.env["LOCAL_CLOUD_KMS_KEY"] });
    },
    unknown: ["permissions", "pipelines"],
  },
  { what: "pipelines whose steps are served", pipelines: pipelines(START, SERVED), unknown: ["permissions"] },
  {
    what: "credentials in Secrets Manager, which only the build has",
    cloud: withProject({ environmentVariables: CONSUMER }, {
      "bitbucket:secret": "local-cloud-oauth-secret",
    }),
    variables: { BITBUCKET_OAUTH_CLIENT_ID: "", BITBUCKET_OAUTH_CLIENT_SECRET: "" },
    unknown: ["permissions", "bitbucket", "scopes", "pipelines"],
  },
  {
    what: "a fleet that the start names",
    cloud: { codeBuild: { fleets: [FLEET] } },
    args: ["--fleet", "builders"],
    unknown: ["permissions", "pipelines"],
  },
  {
    what: "a role that may do what a start does and no more",
    cloud: withProject({ environmentVariables: CONSUMER }, {
      "bitbucket:secret": "local-cloud-oauth-secret",
    }),
    faults: (["BatchGetProjects", "GetServiceQuota", "DescribeSecret"] as const).map((call) => ({
      call,
      kind: "forbidden",
      times: Infinity,
    })),
    unknown: ["project", "permissions", "quota", "image", "size", "credentials", "pipelines"],
  },
];

for (const { what, unknown, ...setUp } of HEALTHY) {
  Deno.test(`doctor finds nothing wrong with ${what}`, async () => {
    await diagnose(setUp, ({ code, findings, stdout, stderr }) => {
      assert.deepEqual(checksWith("FAIL", findings), [], stdout);
      assert.deepEqual(checksWith("unknown", findings).sort(), [...unknown].sort(), stdout);
      assert.equal(code, 0, stdout + stderr);
    });
  });
}

Deno.test("doctor makes no call that changes something, and stops no build", async () => {
  await diagnose({}, ({ cloud }) => {
    const harmless = [
      "AssumeRoleWithWebIdentity",
      "BatchGetBuilds",
      "BatchGetProjects",
      "GetCallerIdentity",
      "GetLogEvents",
      "GetServiceQuota",
      "ListBuildsForProject",
      "ListPipelines",
      "ListRunners",
      "OAuthToken",
      // Of a build that cannot exist.
      "StopBuild",
    ];
    assert.deepEqual(Object.keys(cloud.requests.byCall()).sort(), harmless);
    assert.deepEqual(cloud.codeBuild.builds, []);
  });
});

function pipelines(...steps: string[]): string {
  return [
    "# Played with the local cloud",
    "pipelines:",
    "  default:",
    ...steps.map((step) => `    ${step}`),
    "",
  ].join("\n");
}

function withScopes(...scopes: string[]): CloudOptions {
  const consumer = { key: "local-cloud-key", secret: "local-cloud-oauth-secret", scopes };
  return { bitbucket: { consumers: [consumer] } };
}

function withProject(
  change: Partial<CodeBuildProject>,
  secretsManager: Readonly<Record<string, string>> = {},
): CloudOptions {
  const environmentVariables = [
    { name: "BITBUCKET_OAUTH_CLIENT_ID", value: "local-cloud-key" },
    { name: "BITBUCKET_OAUTH_CLIENT_SECRET", value: "local-cloud-oauth-secret" },
  ];
  return { projects: [{ name: PROJECT, environmentVariables, ...change }], codeBuild: { secretsManager } };
}

function forbidden(call: "BatchGetBuilds" | "StopBuild" | "ListBuildsForProject"): Broken {
  return {
    what: `${call} is forbidden`,
    faults: [{ call, kind: "forbidden", times: Infinity }],
    check: "permissions",
    detail: new RegExp(call),
    remedy: new RegExp(`allow codebuild:${call}`),
  };
}
