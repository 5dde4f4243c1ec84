import assert from "node:assert/strict";
import { readPipelines } from "../../../../cli/pipelines/pipelines_file.ts";
import { foreseen } from "../../../../scripts/local_cloud/run/foreseen.ts";

const RUNS_ON = "runs-on: [self.hosted, linux.shell, codebuild]";

interface Case {
  readonly does: string;
  readonly call: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly said: readonly RegExp[];
}

const NONE_LEFT = /^15:7: Step «Lint» finds no runner: .*\. Put one more start-runner step before it/;

const CASES: readonly Case[] = [
  { does: "a step too many for the machines", call: "start-runner --machines 2", said: [NONE_LEFT] },
  { does: "nothing where there is a machine for each", call: "start-runner --machines 3", said: [] },
  { does: "nothing where runners are counted", call: "start-runner --runners auto", said: [] },
  {
    does: "nothing where a variable keeps the runner",
    call: "start-runner",
    variables: { MULTI_STEP: "true" },
    said: [],
  },
  {
    does: "nothing where variables give runners and machines",
    call: "start-runner",
    variables: { RUNNER_COUNT: "2", RUNNER_MACHINES: "2" },
    said: [],
  },
  {
    does: "what holds without a variable that start-runner refuses",
    call: "start-runner --machines 2",
    variables: { RUNNER_COUNT: "many" },
    said: [NONE_LEFT],
  },
];

for (const { does, call, variables = {}, said } of CASES) {
  Deno.test(`\`foreseen()\` says ${does}`, () => {
    const file = readPipelines(
      [
        "pipelines:",
        "  default:",
        "  - step:",
        "      oidc: true",
        `      script: ['${call}']`,
        "  - parallel:",
        ...["Unit", "UI", "Lint"].flatMap((name) => [
          "    - step:",
          `        name: ${name}`,
          `        ${RUNS_ON}`,
          "        script: [make]",
        ]),
      ].join("\n"),
    );
    const [pipeline] = file.pipelines;
    assert.ok(pipeline !== undefined, JSON.stringify(file.problems));
    const found = foreseen(file, pipeline, variables).map((one) =>
      `${one.line}:${one.column}: ${one.message}`
    );
    assert.equal(found.length, said.length, found.join("\n"));
    for (const [place, expected] of said.entries()) assert.match(found[place] ?? "", expected);
  });
}
