import assert from "node:assert/strict";
import { flagName, type Setting } from "../../../shared/settings/settings.ts";
import { startCommand } from "../../../cli/commands/start_command.ts";
import { parseCommandLine } from "../../../cli/options/command_line.ts";
import { startOptions, type StartValues } from "../../../cli/options/options.ts";
import { startConfig } from "../../../cli/options/start_config.ts";
import { stepEnvironment } from "../../fixtures/programs/start_runner.ts";

const STEP = stepEnvironment({ url: "http://127.0.0.1:1" }, { RUNNER_IMAGE: "i", RUNNER_HOME: "/r" });
const FLEET_ARN =
  "arn:aws:codebuild:eu-west-1:123456789012:fleet/builders:5a1c0f7e-0000-4000-8000-000000000000";
const ARM_IMAGE = "aws/codebuild/amazonlinux-aarch64-standard:3.0";

type OptionKey = keyof typeof startOptions;

interface OptionCase {
  readonly good: readonly (readonly [text: string, value: StartValues[OptionKey]])[];
  readonly bad: readonly string[];
}

const OPTIONS: Readonly<Record<OptionKey, OptionCase>> = {
  project: { good: [["my-project_2", "my-project_2"]], bad: ["x", "-x", "a b", "ci:1", "ü-project"] },
  region: {
    good: [["eu-west-1", "eu-west-1"], ["us-gov-east-1", "us-gov-east-1"]],
    bad: ["europe", "eu-west", "EU-WEST-1"],
  },
  role: {
    good: [
      ["arn:aws:iam::123456789012:role/path/x", "arn:aws:iam::123456789012:role/path/x"],
      ["arn:aws-cn:iam::123456789012:role/x", "arn:aws-cn:iam::123456789012:role/x"],
    ],
    bad: ["x", "arn:aws:iam::12:role/x", "arn:aws:iam::123456789012:user/x"],
  },
  runnerType: { good: [["shell", "shell"], ["docker", "docker"]], bad: ["windows", "Shell!"] },
  timeoutMinutes: { good: [["5", 5], ["2160", 2160]], bad: ["4", "2161", "ten", "5.5", "-5", "0x10"] },
  queuedTimeoutMinutes: { good: [["5", 5], ["480", 480]], bad: ["4", "481", "1e2"] },
  computeType: {
    good: [
      ["small", "BUILD_GENERAL1_SMALL"],
      ["medium", "BUILD_GENERAL1_MEDIUM"],
      ["large", "BUILD_GENERAL1_LARGE"],
      ["xlarge", "BUILD_GENERAL1_XLARGE"],
      ["2xlarge", "BUILD_GENERAL1_2XLARGE"],
      ["BUILD_GENERAL1_LARGE", "BUILD_GENERAL1_LARGE"],
    ],
    bad: ["huge", "BUILD_LAMBDA_2GB", "attribute_based_compute"],
  },
  image: {
    good: [[ARM_IMAGE, ARM_IMAGE]],
    bad: ["a b", "aws/codebuild/amazonlinux-x86_64-lambda-standard:python3.12"],
  },
  environmentType: {
    good: [["ARM_CONTAINER", "ARM_CONTAINER"], ["LINUX_EC2", "LINUX_EC2"]],
    bad: ["arm", "WINDOWS_CONTAINER", "LINUX_LAMBDA_CONTAINER"],
  },
  fleet: {
    good: [["builders", "builders"], [FLEET_ARN, FLEET_ARN]],
    bad: [
      "-builders",
      "a b",
      "arn:aws:codebuild:eu-west-1:123456789012:fleet/builders",
      "arn:aws:s3:::fleet/a:b",
    ],
  },
  startupTimeoutS: { good: [["1", 1], ["86400", 86_400]], bad: ["0", "-1", "soon"] },
  machines: { good: [["1", 1], ["50", 50]], bad: ["0", "51", "1.5", "all"] },
  capacityTimeoutS: { good: [["0", 0], ["60", 60]], bad: ["-1", "never"] },
  containerd: { good: [["true", true], ["1", true], ["false", false], ["0", false]], bad: ["maybe", "2"] },
  customBuildspec: { good: [["true", true], ["1", true], ["false", false], ["0", false]], bad: ["maybe"] },
  labels: {
    good: [["a,b.c", ["a", "b.c"]], [" x , x ", ["x"]]],
    bad: ["A", "a_b", "a b", "x".repeat(51), "a,b,c,d,e,f,g,h,i", "{tag}", "my.service.{commit}"],
  },
  debugMinutes: { good: [["0", 0], ["480", 480]], bad: ["-1", "481", "yes"] },
  multiStep: { good: [["true", true], ["1", true], ["false", false], ["0", false]], bad: ["maybe", "10"] },
  runners: { good: [["1", 1], ["32", 32]], bad: ["0", "33", "many", "1.5"] },
  ownPipelineOnly: { good: [["true", true], ["0", false]], bad: ["maybe"] },
  lingerMinutes: { good: [["0", 0], ["480", 480]], bad: ["-1", "481", "soon"] },
  credentialsMode: { good: [["project", "project"]], bad: ["none", "Secret"] },
  kmsKey: {
    good: [
      ["alias/bitbucket-runner", "alias/bitbucket-runner"],
      ["1234abcd-12ab-34cd-56ef-1234567890ab", "1234abcd-12ab-34cd-56ef-1234567890ab"],
      [
        "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
      ],
      ["arn:aws:kms:eu-west-1:123456789012:alias/a", "arn:aws:kms:eu-west-1:123456789012:alias/a"],
    ],
    bad: ["key", "alias/", "alias/a b", "arn:aws:s3:::bucket"],
  },
  handOn: {
    good: [["RUNNER_IMAGE", ["RUNNER_IMAGE"]], [" RUNNER_HOME , RUNNER_IMAGE", [
      "RUNNER_IMAGE",
      "RUNNER_HOME",
    ]]],
    bad: ["PATH", "RUNNER_IMAGE,LD_PRELOAD", ","],
  },
  releaseUrl: {
    good: [["https://mirror.example/v1/", "https://mirror.example/v1"], [
      "http://127.0.0.1:81",
      "http://127.0.0.1:81",
    ]],
    bad: ["mirror", "ftp://x", "http://10.0.0.1:80", "https://x/'y", "https://x/$(id)"],
  },
  output: { good: [["runner.json", "runner.json"], ["/tmp/a b", "/tmp/a b"]], bad: ["folder/", "a\nb"] },
  metrics: { good: [["true", true], ["0", false]], bad: ["maybe"] },
  verbose: { good: [["true", true], ["0", false]], bad: ["maybe"] },
  logFormat: { good: [["text", "text"], ["json", "json"]], bad: ["xml"] },
  dryRun: { good: [["true", true], ["0", false]], bad: ["maybe"] },
};

for (const [key, { good, bad }] of Object.entries(OPTIONS) as [OptionKey, OptionCase][]) {
  const option: Setting<unknown> = startOptions[key];
  const flag = flagName(option) ?? "";

  Deno.test(`\`startConfig()\` takes ${flag} by flag and by each of its variables`, () => {
    for (const [text, value] of good) {
      const byFlag = read([`${flag}=${text}`], {}, option.variables);
      assert.deepEqual(byFlag.config[key], value);
      assert.deepEqual(byFlag.problems, [], text);
      for (const variable of option.variables) {
        const byVariable = read([], { [variable]: text }, option.variables);
        assert.deepEqual(byVariable.config[key], value, variable);
        assert.deepEqual(byVariable.problems, [], text);
      }
    }
  });

  Deno.test(`\`startConfig()\` refuses wrong values of ${flag}, naming flag, variables and what is right`, () => {
    for (const text of bad) {
      const [variable] = option.variables;
      const byVariable = variable === undefined ? [] : [[[], { [variable]: text }, variable] as const];
      for (const [flags, env, source] of [[[`${flag}=${text}`], {}, flag] as const, ...byVariable]) {
        const { problems } = read(flags, env, option.variables);
        assert.equal(problems.length, 1, `${text}: ${problems}`);
        const next = variable === undefined ? "takes" : "or";
        assert.ok(
          problems[0]?.startsWith(`Cannot use «${text}» from ${source}: ${flag} ${next} `),
          problems[0],
        );
        for (const name of option.variables) assert.ok(problems[0]?.includes(name));
        assert.match(problems[0] ?? "", / takes .{3,}/);
      }
    }
  });
}

Deno.test("`startConfig()` does not show a URL's password", () => {
  const { problems } = read([], { RUNNER_RELEASE_URL: "https://me:sesame@x.test" }, ["RUNNER_RELEASE_URL"]);
  assert.deepEqual(problems, [
    "Cannot use the value given from RUNNER_RELEASE_URL: --release-url or RUNNER_RELEASE_URL takes a URL without user and password",
  ]);
});

Deno.test("`startConfig()` prefers the flag, then the variables in their order, then the default", () => {
  const env = { CODEBUILD_REGION: "", AWS_REGION: "eu-west-2", AWS_DEFAULT_REGION: "eu-west-3" };
  const variables = startOptions.region.variables;
  assert.equal(read(["--region", "eu-west-1"], env, variables).config.region, "eu-west-1");
  assert.equal(read([], env, variables).config.region, "eu-west-2");
  assert.equal(read([], {}, ["RUNNER_TYPE"]).config.runnerType, "shell");
  assert.equal(read([], {}, []).config.startupTimeoutS, 600);
  assert.equal(read([], {}, []).config.capacityTimeoutS, 1800);
});

Deno.test("`startConfig()` reports what is missing", () => {
  const { problems } = startConfig({}, {});
  const missing = [
    "--project or CODEBUILD_PROJECT",
    "--region or CODEBUILD_REGION or AWS_REGION or AWS_DEFAULT_REGION",
  ];
  assert.equal(problems.length, missing.length + 1);
  assert.equal(
    problems.at(-1),
    "Missing the pipeline, repository and workspace: run start-runner in a step of Bitbucket Pipelines, " +
      "or set PIPELINE_UUID, REPO_UUID and WORKSPACE_UUID",
  );
  for (const [index, names] of missing.entries()) {
    assert.ok(
      problems[index]?.startsWith("Missing ") && problems[index]?.includes(`set ${names}, for example`),
      names,
    );
  }
});

Deno.test("`startConfig()` fills the placeholders of labels in, for the build too, and says what the step lacks", () => {
  const env = { ...STEP, RUNNER_LABEL: "app.{branch},{commit}", BITBUCKET_COMMIT: "a".repeat(40) };
  const { config, problems } = startConfig({}, { ...env, BITBUCKET_BRANCH: "Fix/it" });
  assert.deepEqual(problems, []);
  assert.deepEqual(config.labels, ["app.fix.it", "a".repeat(40)]);
  assert.deepEqual(config.labelTemplates, ["app.{branch}", "{commit}"]);
  const sent = config.variables.find(({ name }) => name === "RUNNER_LABEL");
  assert.equal(sent?.value, `app.fix.it,${"a".repeat(40)}`);
  assert.deepEqual(startConfig({}, { ...env, BITBUCKET_TAG: "v1" }).problems, [
    "Cannot fill in {branch} in --label or RUNNER_LABEL: the pipeline is for the tag «v1», so use {commit} or {pipeline}",
  ]);
});

Deno.test("`startConfig()` leaves runners that are to be counted to whoever has the pipeline's file", () => {
  const { config, problems } = startConfig({}, { ...STEP, RUNNER_COUNT: "auto" });
  assert.deepEqual([config.countsRunners, config.runners, problems], [true, undefined, []]);
  assert.ok(!config.variables.some(({ name }) => name === "RUNNER_COUNT"));
  const counted = startConfig({ runners: "3" }, { ...STEP, RUNNER_COUNT: "auto" }).config;
  assert.deepEqual([counted.countsRunners, counted.runners], [false, 3]);
});

Deno.test("`startConfig()` names of what belongs together what is missing alone", () => {
  const { BITBUCKET_REPO_OWNER_UUID: _, ...homeless } = STEP;
  assert.deepEqual(startConfig({}, homeless).problems, [
    "Missing the workspace: run start-runner in a step of Bitbucket Pipelines, or set WORKSPACE_UUID",
  ]);
});

Deno.test("`startConfig()` refuses what is no UUID, naming the variable", () => {
  const { BITBUCKET_PIPELINE_UUID: _, ...step } = STEP;
  for (const text of ["abc", "42", "{1b2c3d4e}"]) {
    const { problems } = startConfig({}, { ...step, PIPELINE_UUID: text });
    assert.equal(problems.length, 1);
    assert.ok(problems[0]?.startsWith(`Cannot use «${text}» from PIPELINE_UUID: `), problems[0]);
    assert.match(problems[0] ?? "", /takes a UUID, with or without braces, as in \{1b2c3d4e-/);
  }
});

const ONE_FAULT: readonly (readonly [what: string, env: Record<string, string>, problem: RegExp])[] = [
  ["half a pair", { BITBUCKET_OAUTH_CLIENT_ID: "key" }, /^Missing half of the Bitbucket credentials/],
  ["half a pair that is no text", {
    BITBUCKET_OAUTH_CLIENT_ID: "key",
    BITBUCKET_OAUTH_CLIENT_SECRET: "ü",
  }, /^Cannot use the value given from BITBUCKET_OAUTH_CLIENT_SECRET/],
  ["a token that is no text", { BITBUCKET_ACCESS_TOKEN: "ü" }, /^Cannot use the value given/],
  ["no credentials at all", {}, /the step has no Bitbucket credentials/],
];

Deno.test("`startConfig()` has one message for one fault of the credentials, whatever their mode", () => {
  for (const [what, env, problem] of ONE_FAULT) {
    for (const mode of ["runner", "token", "secret"]) {
      const { problems } = startConfig({}, { ...STEP, ...env, RUNNER_CREDENTIALS: mode });
      assert.equal(problems.length, 1, `${what}, ${mode}: ${problems.join("\n")}`);
      assert.match(problems[0] ?? "", problem);
    }
  }
});

Deno.test("`startConfig()` wants role and OIDC token together, unless the default credentials serve", () => {
  const { BITBUCKET_STEP_OIDC_TOKEN: _, ...withoutToken } = STEP;
  const { AWS_ROLE_ARN: __, ...withoutRole } = STEP;
  const onLaptop = { ...withoutToken, AWS_ROLE_ARN: "" };
  assert.match(startConfig({}, withoutToken).problems.join(), /add `oidc: true` to the step/);
  assert.match(startConfig({}, withoutRole).problems.join(), /set --role or AWS_ROLE_ARN/);
  assert.deepEqual(startConfig({}, onLaptop).problems, []);
  const { BITBUCKET_BUILD_NUMBER: ___, ...outside } = withoutToken;
  assert.deepEqual(startConfig({}, outside).problems, []);
  assert.deepEqual(startConfig({}, { ...withoutRole, AWS_ACCESS_KEY_ID: "AKIA" }).problems, []);
  assert.equal(startConfig({}, onLaptop).config.webIdentity, undefined);
  assert.deepEqual(startConfig({}, { ...withoutToken, AWS_WEB_IDENTITY_TOKEN_FILE: "/token" }).problems, []);
  assert.deepEqual(startConfig({}, STEP).config.webIdentity, {
    roleArn: "arn:aws:iam::123456789012:role/start-runner",
    token: "oidc-token-of-this-step",
  });
});

Deno.test("`startConfig()` reports half a pair of Bitbucket credentials", () => {
  const pairs = [
    ["BITBUCKET_OAUTH_CLIENT_ID", "BITBUCKET_OAUTH_CLIENT_SECRET"],
    ["BITBUCKET_API_EMAIL", "BITBUCKET_API_TOKEN"],
  ] as const;
  for (const [one, other] of pairs) {
    for (const [given, missing] of [[one, other], [other, one]] as const) {
      const { problems } = startConfig({}, { ...STEP, [given]: "half-of-a-pair" });
      assert.equal(problems.length, 1);
      assert.match(problems[0] ?? "", new RegExp(`${given} is set, so set ${missing} too`));
      assert.ok(!problems[0]?.includes("half-of-a-pair"));
    }
  }
});

Deno.test("`startConfig()` refuses an environment type that the curated image does not run on", () => {
  const { problems } = startConfig({ image: ARM_IMAGE, environmentType: "LINUX_CONTAINER" }, STEP);
  assert.match(problems.join(), /runs on ARM_CONTAINER, not on LINUX_CONTAINER/);
  const machine = startConfig({ image: ARM_IMAGE, environmentType: "ARM_EC2" }, STEP);
  assert.match(machine.problems.join(), /runs on ARM_CONTAINER, not on ARM_EC2/);
  const image = "aws/codebuild/ami/amazonlinux-arm-base:latest";
  const container = startConfig({ image, environmentType: "ARM_CONTAINER" }, STEP);
  assert.match(container.problems.join(), /runs on ARM_EC2, not on ARM_CONTAINER/);
});

Deno.test("`startConfig()` refuses to forward what belongs to somebody else, or does not fit", () => {
  const refused: Record<string, RegExp> = {
    CODEBUILD_ENV_BITBUCKET_COMMIT: /BITBUCKET_COMMIT belongs to Bitbucket Pipelines/,
    CODEBUILD_ENV_CI: /CI belongs to Bitbucket Pipelines/,
    CODEBUILD_ENV_RUNNER_LABEL: /RUNNER_LABEL belongs to the agent/,
    CODEBUILD_ENV_BITBUCKET_ACCESS_TOKEN: /BITBUCKET_ACCESS_TOKEN belongs to the agent/,
    CODEBUILD_ENV_CODEBUILD_SRC_DIR: /CODEBUILD_SRC_DIR belongs to CodeBuild/,
    CODEBUILD_ENV_1A: /must be a variable's name/,
    CODEBUILD_ENV_: /must be a variable's name/,
  };
  const { problems } = startConfig({}, { ...STEP, ...mapValues(refused, () => "x") });
  assert.equal(problems.length, Object.keys(refused).length);
  for (const [name, text] of Object.entries(refused)) {
    const problem = problems.find((one) => one.startsWith(`Cannot use ${name}: `));
    assert.match(problem ?? `no problem with ${name}`, text);
  }
  const long = startConfig({}, { ...STEP, CODEBUILD_ENV_NOTE: "x".repeat(4097) }).problems;
  assert.match(
    long.join(),
    /Cannot hand on CODEBUILD_ENV_NOTE: .* at most 4096 characters, this one has 4097/,
  );
});

/** Reads a command line in a step whose own value for the option under test is taken away unless it is required. */
function read(args: readonly string[], env: Record<string, string>, variables: readonly string[]) {
  const kept = Object.entries(STEP).filter(([name]) => !variables.includes(name));
  const line = parseCommandLine(startCommand, args);
  const { config, problems } = startConfig(line.flags, { ...Object.fromEntries(kept), ...env });
  return { config, problems: [...line.problems, ...problems] };
}

function mapValues(record: Record<string, unknown>, value: () => string): Record<string, string> {
  return Object.fromEntries(Object.keys(record).map((key) => [key, value()]));
}
