import assert from "node:assert/strict";
import { startConfig } from "../../../cli/options/start_config.ts";
import { onlineSummary, timeoutWarning } from "../../../cli/progress/online_summary.ts";
import type { Build, KnownBuild } from "../../../shared/aws/aws_codebuild.ts";
import { stepEnvironment } from "../../fixtures/programs/start_runner.ts";

const TIMES = { startBuildMs: 300, allMs: 21_000 };

function summary(
  environment: Build["environment"],
  env: Record<string, string> = {},
  { phases = [], times = TIMES }: { phases?: Build["phases"]; times?: typeof TIMES } = {},
): string[] {
  const { config, problems } = startConfig({}, stepEnvironment({ url: "http://127.0.0.1:1" }, env));
  assert.deepEqual(problems, []);
  const build = { id: "ci:0a1b2c3d-0000-4000-8000-000000000001", environment, phases } as KnownBuild;
  return onlineSummary(build, config, times).map(({ message }) => message);
}

function environment(type: string, computeType = "BUILD_GENERAL1_LARGE", more: object = {}) {
  return { type, computeType, ...more } as Build["environment"];
}

const LABELS:
  readonly (readonly [Build["environment"], env: Record<string, string>, labels: string | undefined])[] = [
    [environment("LINUX_CONTAINER"), { RUNNER_LABEL: "b,a" }, "self.hosted, linux.shell, codebuild, b, a"],
    [environment("ARM_CONTAINER"), {}, "self.hosted, linux.shell, codebuild, arm64"],
    [environment("ARM_EC2"), { RUNNER_TYPE: "docker" }, "self.hosted, linux.arm64, codebuild"],
    [environment("LINUX_GPU_CONTAINER"), { RUNNER_TYPE: "docker" }, "self.hosted, linux, codebuild"],
    [undefined, { RUNNER_TYPE: "docker" }, undefined],
    [undefined, {}, "self.hosted, linux.shell, codebuild"],
    [
      undefined,
      { RUNNER_TYPE: "docker", CODEBUILD_IMAGE: "aws/codebuild/amazonlinux-aarch64-standard:3.0" },
      "self.hosted, linux.arm64, codebuild",
    ],
    [
      environment("LINUX_CONTAINER", "", {
        environmentVariables: [{ name: "RUNNER_LABEL", value: "/labels", type: "PARAMETER_STORE" }],
      }),
      {},
      "self.hosted, linux.shell, codebuild",
    ],
  ];

Deno.test("`onlineSummary()` has a ready `runs-on` of the labels that the runner has, unless nobody knows them", () => {
  for (const [where, env, labels] of LABELS) {
    const line = summary(where, env).find((one) => one.startsWith("runs-on"));
    assert.equal(line, labels === undefined ? undefined : `runs-on: [${labels}]`);
  }
});

Deno.test("`onlineSummary()` says what was waited for, StartBuild where that took its time", () => {
  const phases = [
    { phaseType: "QUEUED", phaseStatus: "SUCCEEDED", durationInSeconds: 3 },
    { phaseType: "PRE_BUILD", phaseStatus: "SUCCEEDED", durationInSeconds: 5 },
  ] as Build["phases"];
  assert.equal(summary(undefined, {}, { phases })[0], "Waited 21 s: queued 3 s, runner 5 s");
  const times = { startBuildMs: 40_400, allMs: 61_000 };
  assert.equal(summary(undefined, {}, { times })[0], "Waited 61 s: StartBuild 40 s");
});

Deno.test("`onlineSummary()` says what the runner serves", () => {
  const serves = (env: Record<string, string>) =>
    summary(undefined, env).find((one) => one.includes(" serves "));
  assert.equal(serves({}), "It serves one step that asks for it");
  assert.equal(serves({ RUNNER_COUNT: "1" }), "It serves one step that asks for it");
  assert.equal(serves({ RUNNER_COUNT: "4" }), "4 runners are online; each serves one step that asks for it");
  assert.equal(
    serves({ RUNNER_COUNT: "2", MULTI_STEP: "1" }),
    "2 runners are online; each serves the steps that ask for it, until the pipeline is over",
  );
  assert.equal(
    serves({ MULTI_STEP: "1", RUNNER_OWN_PIPELINE_ONLY: "1" }),
    "It serves the steps that ask for it, until the pipeline is over, and nothing after a step of another pipeline",
  );
  assert.equal(
    serves({ RUNNER_LINGER: "30" }),
    "It serves one step that asks for it, and after a failure stays 30 min for a rerun",
  );
});

Deno.test("`timeoutWarning()` says when the build's timeout leaves no time to stay or to be held, by the build's own word", () => {
  const warning = (linger: string, debug: string, timeoutInMinutes?: number) => {
    const env = { RUNNER_LINGER: linger, RUNNER_DEBUG: debug };
    const { config } = startConfig({}, stepEnvironment({ url: "http://127.0.0.1:1" }, env));
    return timeoutWarning({ timeoutInMinutes } as Build, config);
  };
  const end = ", but the build's own timeout ends it after 60 min in all: raise --timeout";
  assert.equal(warning("60", "", 60), `After a failure the runner is to stay 60 min (--linger)${end}`);
  assert.equal(
    warning("", "90", 60),
    `After a failure the build is to be held 90 min (--debug-on-failure)${end}`,
  );
  assert.match(
    warning("30", "30", 60) ?? "",
    /stay 30 min \(--linger\), then the build is to be held 30 min/,
  );
  assert.equal(warning("30", "29", 60), undefined);
  assert.equal(warning("59", "", 60), undefined);
  assert.equal(warning("0", "0", 0), undefined);
  assert.equal(warning("60", "60"), undefined);
});

Deno.test("`onlineSummary()` names the list price with region and date, and is silent where nobody knows", () => {
  const price = (where: Build["environment"]) => summary(where).find((one) => one.includes("$"));
  assert.match(
    price(environment("LINUX_CONTAINER")) ?? "",
    /^It costs about \$0\.02 a minute: list price of LINUX_CONTAINER large in us-east-1, [A-Z][a-z]+ 20\d\d$/,
  );
  assert.match(price(environment("ARM_CONTAINER")) ?? "", /\$0\.015 a minute: .*, from second-hand sources$/);
  assert.match(
    summary(environment("ARM_CONTAINER"), { RUNNER_MACHINES: "3" }).join("\n"),
    /^They cost about \$0\.045 a minute, \$0\.015 each: list price of ARM_CONTAINER large/m,
  );
  assert.equal(price(environment("LINUX_EC2")), undefined);
  assert.equal(price(undefined), undefined);
  assert.equal(price(environment("LINUX_CONTAINER", undefined, { fleet: { fleetArn: "arn:x" } })), undefined);
});
