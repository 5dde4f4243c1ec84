import assert from "node:assert/strict";
import { readPipelines } from "../../../cli/pipelines/pipelines_file.ts";
import { runningPipelines, type RunningRef } from "../../../cli/pipelines/running_pipelines.ts";

const STEPS = [{ step: { script: ["make"] } }];
const FILE = JSON.stringify({
  pipelines: {
    default: STEPS,
    branches: { main: STEPS, "m*": STEPS, "feature/*": STEPS, "feature/a*": STEPS },
    tags: { "v*": STEPS },
    "pull-requests": { "**": STEPS, hotfix: STEPS },
    custom: { nightly: STEPS },
  },
});

const RUNNING: readonly (readonly [ref: RunningRef, pipelines: string])[] = [
  [{ branch: "main" }, "branches main, custom nightly"],
  [{ branch: "master" }, "branches m*, custom nightly"],
  [{ branch: "feature/ab" }, "branches feature/*, branches feature/a*, custom nightly"],
  [{ branch: "feature/a/b" }, "default , custom nightly"],
  [{ tag: "v1" }, "tags v*, custom nightly"],
  [{ tag: "main" }, "custom nightly"],
  [{ branch: "main", pullRequest: "7" }, "pull-requests **"],
  [{ branch: "hotfix", pullRequest: "7" }, "pull-requests hotfix"],
  [{ pullRequest: "7" }, "pull-requests **, pull-requests hotfix"],
  [{ branch: "", tag: "", pullRequest: "" }, "all"],
];

Deno.test("`runningPipelines()` takes the pipelines of which one may be running, by what a step tells", () => {
  const { pipelines } = readPipelines(FILE);
  for (const [ref, expected] of RUNNING) {
    const found = runningPipelines(pipelines, ref);
    const names = found.map(({ selector, pattern }) => `${selector} ${pattern}`).join(", ");
    assert.equal(found.length === pipelines.length ? "all" : names, expected, JSON.stringify(ref));
  }
});

Deno.test("`runningPipelines()` takes the custom ones for a pull request for which there is no other", () => {
  const { pipelines } = readPipelines(
    JSON.stringify({
      pipelines: { default: STEPS, "pull-requests": { "fix/*": STEPS }, custom: { checks: STEPS } },
    }),
  );
  const found = (branch: string) => runningPipelines(pipelines, { branch, pullRequest: "7" });
  assert.deepEqual(found("main").map(({ pattern }) => pattern), ["checks"]);
  assert.deepEqual(found("fix/1").map(({ pattern }) => pattern), ["fix/*"]);
});
