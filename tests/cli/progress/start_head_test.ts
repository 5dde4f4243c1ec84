import assert from "node:assert/strict";
import { purpose, startHead } from "../../../cli/progress/start_head.ts";
import { startConfig } from "../../../cli/options/start_config.ts";
import { stepEnvironment } from "../../fixtures/programs/start_runner.ts";

Deno.test("`purpose()` names pipeline, repository, ref and commit as far as the step tells them", () => {
  const bare = {
    runnerType: "shell",
    buildNumber: undefined,
    workspace: undefined,
    repository: undefined,
    branch: undefined,
    tag: undefined,
    commit: undefined,
  } as const;
  const step = {
    ...bare,
    buildNumber: "12",
    workspace: "acme",
    repository: "app",
    commit: "0123456789abcdef",
  };
  assert.equal(purpose(bare), "a shell runner");
  assert.equal(purpose({ ...bare, runners: 4 }), "4 shell runners");
  assert.equal(purpose({ ...bare, runners: 4, machines: 2 }), "8 shell runners");
  assert.equal(
    purpose({ ...step, branch: "main" }),
    "a shell runner for pipeline #12 of acme/app on main (0123456789ab)",
  );
  assert.match(purpose({ ...step, tag: "v2" }), /on v2 \(/);
});

const CHOICES:
  readonly (readonly [env: Record<string, string>, line: RegExp, fields: Record<string, unknown>])[] = [
    [{}, /, role arn:\S+\/start-runner, size the project's, image the project's$/, { image: undefined }],
    [{ CODEBUILD_COMPUTE_TYPE: "2xlarge" }, /, size 2xlarge, /, { computeType: "BUILD_GENERAL1_2XLARGE" }],
    [{ CODEBUILD_IMAGE: "my/image:1" }, /, image my\/image:1$/, { image: "my/image:1" }],
    [{ RUNNER_MACHINES: "4" }, /\/start-runner, 4 machines, size the project's, /, { machines: 4 }],
    [{ BITBUCKET_STEP_OIDC_TOKEN: "" }, / with the default AWS credentials, /, { role: undefined }],
  ];

const FILLED: readonly (readonly [env: Record<string, string>, line: string | undefined])[] = [
  [{ RUNNER_LABEL: "gpu" }, undefined],
  [
    { RUNNER_LABEL: "gpu,app.{branch}" },
    "runs-on: [self.hosted, linux.shell, codebuild, gpu, app.fix.it], with app.{branch} filled in",
  ],
  [{ RUNNER_LABEL: "app.{branch}", RUNNER_TYPE: "docker" }, "Labels app.fix.it, with app.{branch} filled in"],
];

Deno.test("`startHead()` shows the labels to ask for, where it has filled some in", () => {
  for (const [env, line] of FILLED) {
    const step = stepEnvironment({ url: "http://127.0.0.1:1" }, { ...env, BITBUCKET_BRANCH: "fix/it" });
    assert.equal(startHead(startConfig({}, step).config)[2]?.message, line);
  }
});

Deno.test("`startHead()` says where the build runs and as whom, and what of it was chosen here", () => {
  for (const [env, line, fields] of CHOICES) {
    const [, second] = startHead(startConfig({}, stepEnvironment({ url: "http://127.0.0.1:1" }, env)).config);
    assert.match(second?.message ?? "", line);
    const all = second?.fields ?? {};
    for (const [name, value] of Object.entries({ project: "ci", ...fields })) assert.equal(all[name], value);
  }
});
