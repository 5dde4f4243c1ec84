import assert from "node:assert/strict";
import type { FaultOrder } from "../../scripts/local_cloud/server/faults.ts";
import type { LocalCloud, LocalCloudOptions } from "../../scripts/local_cloud/start_local_cloud.ts";
import { exitCodeOf, flowEnded, launcherOf } from "../../scripts/soak/flow.ts";
import { flowLog } from "../../scripts/soak/flow_log.ts";
import { needing } from "../fixtures/needing.ts";
import { serveTls } from "../fixtures/servers/tls_server.ts";
import { withTemporaryFolder } from "../fixtures/temporary_folder.ts";
import { NEEDED_TOOLS, sideBySide, withFlowWorld } from "./flow_world.ts";

type CloudOptions = Omit<LocalCloudOptions, "releaseFolder">;

/** A set-up that is broken in one way, and how start-runner ends with it. */
interface Broken {
  readonly what: string;
  readonly cloud?: CloudOptions;
  readonly variables?: Readonly<Record<string, string>>;
  readonly faults?: readonly FaultOrder[];
  readonly code: number;
  /** The first line that begins with «error: ». */
  readonly error: RegExp;
  readonly hint: RegExp;
  /** How often a call may be made. */
  readonly most?: readonly [call: string, times: number];
}

const PROJECT = "bitbucket-runner";
const IN_PROJECT = { RUNNER_CREDENTIALS: "project" };
const ISSUER = String.raw`api\.bitbucket\.org/2\.0/workspaces/acme/pipelines-config/identity/oidc`;
const [AUDIENCE, REPOSITORY] = [
  "ari:cloud:bitbucket::workspace/3f2a1f6e-6b0c-4a52-9d4a-2b8f0c6c1e11",
  String.raw`\{8d6b7e0a-0b1f-4c64-8f5e-5a9b7f0f2c22\}`,
];
const CLAIMS = new RegExp(`token says iss «https://${ISSUER}», aud «${AUDIENCE}», sub «${REPOSITORY}:`);
const CONDITION = new RegExp(
  `mistyped role or account gives the same answer.*"Condition": \\{"StringEquals":\\{"${ISSUER}:aud":"${AUDIENCE}"\\},` +
    `"StringLike":\\{"${ISSUER}:sub":\\["${REPOSITORY}:\\*"\\]\\}\\}`,
);

const BROKEN: readonly Broken[] = [
  {
    what: "a consumer without the scope for runners",
    cloud: withScopes("pipeline"),
    code: 3,
    error: /^error: Cannot create runner: .*; missing scope: runner:write$/,
    hint: /Add the scope runner:write to the OAuth consumer/,
  },
  {
    what: "a consumer without the scope for runners, its build logging for machines",
    cloud: withScopes("pipeline"),
    variables: { LOG_FORMAT: "json" },
    code: 3,
    error: /"level":"error","message":"Cannot create runner: [^"]*; missing scope: runner:write"/,
    hint: /"hint":"Add the scope runner:write/,
  },
  {
    what: "a consumer's secret that is wrong, in the project",
    cloud: projectWith({
      BITBUCKET_OAUTH_CLIENT_ID: "local-cloud-key",
      BITBUCKET_OAUTH_CLIENT_SECRET: "of-another-one",
    }),
    variables: IN_PROJECT,
    code: 3,
    error: /^error: Cannot .*: Bitbucket answered 40[01] /,
    hint: /BITBUCKET_OAUTH_CLIENT_SECRET/,
  },
  {
    what: "a project without Bitbucket credentials",
    cloud: projectWith({}),
    variables: IN_PROJECT,
    code: 2,
    error: /^error: Missing Bitbucket credentials: /,
    hint: /./,
  },
  {
    what: "an identity provider of another audience",
    cloud: { trust: { providerAudience: "ari:cloud:bitbucket::workspace/other" } },
    code: 3,
    error: /InvalidIdentityToken\w*: Incorrect token audience.*the role was arn:aws:iam::123456789012:role/,
    hint: new RegExp(`with the audience ${AUDIENCE} to account 123456789012`),
  },
  {
    what: "an account without an identity provider",
    cloud: { trust: { provider: false } },
    code: 3,
    error: /InvalidIdentityToken\w*: No OpenIDConnect provider found in your account for https:/,
    hint: new RegExp(
      `add the IAM identity provider https://${ISSUER} .*a mistyped account gives the same answer`,
    ),
  },
  {
    what: "a trust policy for another audience",
    cloud: { trust: { audience: "{3f2a1f6e-6b0c-4a52-9d4a-2b8f0c6c1e11}" } },
    code: 3,
    error: CLAIMS,
    hint: CONDITION,
  },
  {
    what: "a trust policy for another repository",
    cloud: { trust: { subject: "{11111111-1111-4111-8111-111111111111}:*" } },
    code: 3,
    error: CLAIMS,
    hint: CONDITION,
  },
  {
    what: "a role that is not there",
    variables: { AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/bitbucket-runer" },
    code: 3,
    error:
      /AccessDenied: .*the role was arn:aws:iam::123456789012:role\/bitbucket-runer, and the token says iss/,
    hint: /see that there is a role arn:aws:iam::123456789012:role\/bitbucket-runer: .*gives the same answer/,
  },
  {
    what: "a token whose time is over",
    cloud: { bitbucket: { oidcLifetimeS: 0 } },
    code: 3,
    error: /ExpiredTokenException: .*valid until \d{4}-\d\d-\d\dT/,
    hint: /no longer valid: run the step again/,
    most: ["AssumeRoleWithWebIdentity", 1],
  },
  {
    what: "an account that may run no build",
    cloud: { codeBuild: { concurrentBuilds: 0 } },
    code: 4,
    error: /^error: Cannot call StartBuild: .*Cannot have more than 0 builds in queue/,
    hint: /ask for a higher quota/,
  },
  {
    what: "a label that breaks the rules",
    variables: { RUNNER_LABEL: "Bad_Label" },
    code: 2,
    error: /^error: Cannot use «Bad_Label» from RUNNER_LABEL: /,
    hint: /--help/,
  },
  {
    what: "a release that cannot be reached",
    variables: { RUNNER_RELEASE_URL: "http://127.0.0.1:1" },
    code: 5,
    error:
      /^error: Cannot download http:\/\/127\.0\.0\.1:1\/install-shell\.sh: curl: \(7\) Failed to connect to 127\.0\.0\.1 port 1 .*/,
    hint: /^hint: check --release-url, and that the build can reach it \(VPC, proxy, NAT\)$/,
  },
  {
    what: "a mirror that lacks the release",
    variables: { RUNNER_RELEASE_URL: "http://127.0.0.1:1/", CUSTOM_BUILDSPEC: "true" },
    cloud: projectRunning([
      "  install:",
      "    commands:",
      "      - |",
      "        echo 'error: of a script that is only repeated' >/dev/null",
      "        cat >/dev/null <<'TEXT'",
      "        error: a line of the script itself",
      "        TEXT",
      "        echo 'error: Cannot install: https://m/SHA256SUMS answered 404' >&2",
      "        echo 'hint: is there a release 9? Check --version and --base-url' >&2",
      "        exit 1",
    ]),
    code: 5,
    error: /^error: Cannot install: https:\/\/m\/SHA256SUMS answered 404$/,
    hint: /^hint: is there a release 9\?/,
  },
  {
    what: "a Docker runner on a project without privileged mode",
    variables: { CUSTOM_BUILDSPEC: "true", RUNNER_TYPE: "docker" },
    cloud: projectRunning([
      "  pre_build:",
      "    commands:",
      "      - echo 'error of another program, not a reason'",
      "      - |",
      "        echo 'error: Cannot start Docker: the build does not run in privileged mode' >&2",
      "        echo 'hint: Enable «Privileged» in the environment of the project' >&2",
      "        echo 'codebuild-agent pre_build ended with exit code 1: cleaning up after it' >&2",
      "        echo 'error: Cannot remove the runner either' >&2",
      "        exit 1",
    ]),
    code: 5,
    error: /^error: Cannot start Docker: the build does not run in privileged mode$/,
    hint: /^hint: Enable «Privileged»/,
  },
  {
    what: "a secret that does not exist",
    variables: { CODEBUILD_SECRET_NPM_TOKEN: "ci/npm:token" },
    code: 5,
    error:
      /^error: Build \S+ ended with FAILED in phase DOWNLOAD_SOURCE .*Secrets Manager can't find the specified/,
    hint: /secretsmanager:GetSecretValue.*must exist in this region/,
  },
  {
    what: "a region that there is not",
    variables: { AWS_REGION: "eu-west-11", AWS_ENDPOINT_URL: "" },
    code: 4,
    error: /: no address is known for sts\.eu-west-11\.amazonaws\.com \(DNS\)$/,
    hint: /^hint: check --region: there was no AWS region eu-west-11 in .*; did you mean eu-west-1\?$/,
  },
  {
    what: "a host without an address",
    variables: { AWS_ENDPOINT_URL: "https://aws.invalid" },
    code: 4,
    error: /: no address is known for aws\.invalid \(DNS\)$/,
    hint: /HTTPS_PROXY/,
  },
  {
    what: "a proxy that is not there",
    variables: {
      AWS_ENDPOINT_URL: "https://aws.invalid",
      HTTPS_PROXY: "http://user:hidden@127.0.0.1:1",
      NO_PROXY: "",
    },
    code: 4,
    error: /: the proxy 127\.0\.0\.1:1 refuses the connection$/,
    hint: /check HTTPS_PROXY, and NO_PROXY/,
  },
  {
    what: "a StartBuild that is forbidden",
    faults: [{ call: "StartBuild", kind: "forbidden", times: Infinity }],
    code: 3,
    error: /^error: Cannot call StartBuild: .*AccessDeniedException: .*codebuild:StartBuild/,
    hint:
      /allow codebuild:StartBuild on arn:aws:codebuild:eu-central-1:123456789012:project\/bitbucket-runner in/,
  },
  {
    what: "a BatchGetBuilds that is forbidden",
    faults: [{ call: "BatchGetBuilds", kind: "forbidden", times: Infinity }],
    code: 3,
    error: /^error: Cannot call BatchGetBuilds: .*AccessDeniedException/,
    hint: /allow codebuild:BatchGetBuilds on arn:aws:codebuild:eu-central-1:123456789012:project\//,
    most: ["BatchGetBuilds", 3],
  },
];

Deno.test({
  ...needing(
    NEEDED_TOOLS,
    "start-runner's first error names what is wrong with a set-up, its exit code fits",
  ),
  fn: () => sideBySide(BROKEN, endAsExpected, 4),
});

Deno.test({
  ...needing([...NEEDED_TOOLS, "openssl"], "start-runner names a certificate of an unknown authority"),
  fn: () =>
    withTemporaryFolder(async (folder) => {
      await using server = await serveTls(folder, new Map());
      await endAsExpected({
        what: "a certificate of an unknown authority",
        variables: { AWS_ENDPOINT_URL: server.url },
        code: 4,
        error: /: the certificate of 127\.0\.0\.1:\d+ is of an unknown authority \(\w+\)$/,
        hint: /DENO_CERT/,
      });
    }),
});

async function endAsExpected(broken: Broken): Promise<void> {
  await withFlowWorld(broken.cloud ?? {}, async ({ cloud, start }) => {
    for (const fault of broken.faults ?? []) cloud.faults.inject(fault);
    const pipeline = start({ steps: [], variables: broken.variables ?? {} });
    await flowEnded(cloud, pipeline);
    const { output } = launcherOf(pipeline);
    const log = `${broken.what}:\n${flowLog(cloud, pipeline)}`;
    assert.equal(exitCodeOf(pipeline), broken.code, log);
    const errors = output.filter((line) => line.startsWith("error: ") || line.includes('"level":"error"'));
    assert.match(errors[0] ?? "", broken.error, log);
    assert.match(hintAfter(output, errors.at(-1)), broken.hint, log);
    assert.equal(errors.length, 1, log);
    assertNoRepetition(output, errors[0] ?? "", log);
    if (broken.most !== undefined) {
      const [call, times] = broken.most;
      assert.ok(cloud.requests.count({ call }) <= times, `${cloud.requests.count({ call })} ${call}\n${log}`);
    }
    assertNothingLeaks(cloud, output, log);
  });
}

/** Of what the step writes to stdout, a line may come between. */
function hintAfter(output: readonly string[], error = ""): string {
  if (error.startsWith("{")) return error;
  return output.slice(output.lastIndexOf(error)).find((line) => line.startsWith("hint: ")) ?? "";
}

/** What is the error stands nowhere else, nor do the commands that CodeBuild repeats. */
function assertNoRepetition(output: readonly string[], error: string, log: string): void {
  const message = /"message":"([^"]*)"/.exec(error)?.[1] ?? error.slice("error: ".length);
  assert.equal(output.filter((line) => line.includes(message)).length, 1, log);
  const repeated = output.filter((line) =>
    /Running command|for tool in curl|status code: {2}Message/.test(line)
  );
  assert.deepEqual(repeated, [], log);
}

function assertNothingLeaks(cloud: LocalCloud, output: readonly string[], log: string): void {
  const text = output.join("\n");
  const secrets = [
    cloud.env["BITBUCKET_OAUTH_CLIENT_SECRET"] ?? "no secret",
    "of-another-one",
    "hidden@",
    "eyJ",
  ];
  assert.deepEqual(secrets.filter((secret) => text.includes(secret)), [], log);
}

function withScopes(...scopes: string[]): CloudOptions {
  const consumer = { key: "local-cloud-key", secret: "local-cloud-oauth-secret", scopes };
  return { bitbucket: { consumers: [consumer] } };
}

function projectWith(variables: Readonly<Record<string, string>>): CloudOptions {
  const environmentVariables = Object.entries(variables).map(([name, value]) => ({ name, value }));
  return { projects: [{ name: PROJECT, environmentVariables }] };
}

function projectRunning(phases: readonly string[]): CloudOptions {
  return { projects: [{ name: PROJECT, buildspec: ["version: 0.2", "phases:", ...phases, ""].join("\n") }] };
}
