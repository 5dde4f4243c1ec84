import assert from "node:assert/strict";
import { type CountedStart, countRunners } from "../../../cli/pipelines/count_runners.ts";
import { readPipelines } from "../../../cli/pipelines/pipelines_file.ts";
import { pipeline, SHELL, start, step, use } from "../../fixtures/pipelines/pipeline_text.ts";

const START: CountedStart = {
  runnerType: "shell",
  labelTemplates: undefined,
  labels: undefined,
  arch: undefined,
  machines: 1,
};
const AUTO = start("--runners auto");
const GATE = step("name: Ask, trigger: manual, script: [echo]");

function parallel(...items: readonly string[]): string {
  return `parallel: [${items.map((item) => `{ ${item} }`).join(", ")}]`;
}

function uses(names: string, labels = SHELL): string[] {
  return [...names].map((name) => use(name, labels));
}

const COUNTS: readonly (readonly [file: string, reason: string, start?: Partial<CountedStart>])[] = [
  [
    pipeline(AUTO, parallel(...uses("abcd"))),
    "4, the parallel steps «a», «b», «c», «d» of the default pipeline",
  ],
  [pipeline(AUTO, use("a"), use("b")), "1, the step «a» of the default pipeline"],
  [pipeline(AUTO), "1, as there is no step with its labels behind it in the default pipeline"],
  [
    pipeline(AUTO, use("a"), parallel(...uses("bc")), parallel(...uses("def")), parallel(...uses("gh"))),
    "3, the parallel steps «d», «e», «f» of the default pipeline",
  ],
  // A start without a word on the number is one of a variable, which is auto.
  [pipeline(start(), parallel(...uses("ab"))), "2, the parallel steps «a», «b» of the default pipeline"],
  [
    pipeline(start("--runners $N"), parallel(...uses("ab"))),
    "2, the parallel steps «a», «b» of the default pipeline",
  ],
  // Steps of Bitbucket's cloud, of another label, of another type and of another system.
  [
    pipeline(
      AUTO,
      parallel(
        ...uses("ab"),
        step("name: c, script: [make]"),
        use("d", `${SHELL}, gpu`),
        use("e", "self.hosted, linux, codebuild"),
        use("f", "self.hosted, windows"),
      ),
    ),
    "2, the parallel steps «a», «b» of the default pipeline",
  ],
  [
    pipeline(AUTO, parallel(...uses("ab")), GATE, parallel(...uses("cde"))),
    "2, the parallel steps «a», «b» of the default pipeline",
  ],
  [
    pipeline(AUTO, parallel(...uses("ab"), use("c", SHELL, ", trigger: manual"))),
    "2, the parallel steps «a», «b» of the default pipeline",
  ],
  // Behind the next start like this one they are that one's; which of both this is nobody knows.
  [
    pipeline(AUTO, parallel(...uses("ab")), AUTO, parallel(...uses("cde"))),
    "3, the parallel steps «c», «d», «e» of the default pipeline",
  ],
  [
    pipeline(AUTO, parallel(...uses("ab")), start("--runners 1"), parallel(...uses("cde"))),
    "2, the parallel steps «a», «b» of the default pipeline",
  ],
  [
    pipeline(parallel(AUTO, AUTO), parallel(...uses("abcde"))),
    "3, with as many of each of 2 starts, the parallel steps «a», «b», «c», «d», «e» of the default pipeline",
  ],
  [
    pipeline(AUTO, parallel(...uses("abcde"))),
    "3 on each of 2 machines, the parallel steps «a», «b», «c», «d», «e» of the default pipeline",
    { machines: 2 },
  ],
  [
    pipeline(AUTO, parallel(...uses("abcdefghijklmnopqrstuvwxyzABCDEFGHIJ"))),
    "32, the most that a build hosts, the parallel steps «a», «b», «c», «d», «e», «f», «g», «h» and 28 more of the default pipeline",
  ],
  // Labels: as they are written in the call, and as they are filled in.
  [
    pipeline(
      start("--runners auto --label gpu"),
      parallel(...uses("abc", `${SHELL}, gpu`)),
      start("--runners auto --label app.{branch}"),
      parallel(
        use("d", `${SHELL}, app.main`),
        use("e", `${SHELL}, app.next`),
        use("f", `${SHELL}, "\${{L}}"`),
      ),
    ),
    "2, the parallel steps «d», «f» of the default pipeline",
    { labelTemplates: ["app.{branch}"], labels: ["app.main"] },
  ],
  [
    pipeline(
      start("--runners auto --label $L"),
      parallel(...uses("ab", `${SHELL}, gpu`), use("c", `${SHELL}, big`)),
    ),
    "2, the parallel steps «a», «b» of the default pipeline",
    { labelTemplates: ["gpu"], labels: ["gpu"] },
  ],
  [
    pipeline(start("--runners auto"), parallel(...uses("ab", `${SHELL}, arm64`), use("c"))),
    "1, the step «c» of the default pipeline",
    { arch: "x86_64" },
  ],
  [
    `pipelines: { branches: { main: [{ ${AUTO} }, { ${use("a")} }] }, custom: { all: [{ ${AUTO} }, { ${
      parallel(...uses("ab"))
    } }] } }`,
    "2, the parallel steps «a», «b» of pipeline «all» of custom",
  ],
];

Deno.test("`countRunners()` counts the most steps that run at once on what the start brings", () => {
  for (const [file, reason, more] of COUNTS) {
    const { pipelines, problems } = readPipelines(file);
    assert.deepEqual(problems.filter(({ severity }) => severity === "error"), [], file);
    const counted = countRunners(pipelines, { ...START, ...more });
    assert.deepEqual(counted, { runners: Number.parseInt(reason), reason }, file);
  }
});

const NO_SUCH_START: readonly string[] = [
  pipeline(use("a")),
  pipeline(step("script: [./start.sh]"), parallel(...uses("ab"))),
  pipeline(start("--runners 2"), parallel(...uses("ab"))),
  pipeline(start("--runners auto --label gpu"), parallel(...uses("ab"))),
  pipeline(start("--runners auto --runner-type docker"), parallel(...uses("ab"))),
  "pipelines: { default: { import: shared:main:ci } }",
];

Deno.test("`countRunners()` counts nothing where no pipeline has such a start", () => {
  for (const file of NO_SUCH_START) {
    assert.equal(countRunners(readPipelines(file).pipelines, START), undefined, file);
  }
});
