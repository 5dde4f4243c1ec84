import assert from "node:assert/strict";
import { readPipelines } from "../../../../cli/pipelines/pipelines_file.ts";
import {
  choosePipeline,
  parseTrigger,
  pipelineTitle,
} from "../../../../scripts/local_cloud/run/choose_pipeline.ts";

const STEPS = [{ step: { script: ["x"] } }];
const FILE = readPipelines(JSON.stringify({
  pipelines: {
    "default": STEPS,
    "branches": { "**": STEPS, "release/*": STEPS, "release/1": STEPS, "main": STEPS },
    "tags": { "v*": STEPS },
    "pull-requests": { "hotfix/*": STEPS },
    "custom": { "a:b": STEPS, "*": STEPS },
  },
}));
const ONLY_DEFAULT = readPipelines(JSON.stringify({ pipelines: { default: STEPS } }));

const CHOICES: [trigger: string, title: string][] = [
  ["default", "default"],
  ["branch:main", "branches: main"],
  // The first that matches, unless one has the branch's very name.
  ["branch:release/1", "branches: release/1"],
  ["branch:release/2", "branches: **"],
  ["tag:v1", "tags: v*"],
  ["pull-request:hotfix/1", "pull-requests: hotfix/*"],
  ["pull-request:hotfix/1:main", "pull-requests: hotfix/*"],
  ["custom:a:b", "custom: a:b"],
];

Deno.test("The pipeline is chosen that Bitbucket would run", () => {
  for (const [trigger, title] of CHOICES) {
    assert.equal(pipelineTitle(choosePipeline(FILE.pipelines, parseTrigger(trigger))), title, trigger);
  }
  assert.equal(choosePipeline(ONLY_DEFAULT.pipelines, parseTrigger("branch:x")).selector, "default");
});

Deno.test("A pipeline that is not in the file is refused, with those that are", () => {
  const refused: [typeof FILE, string][] = [
    [FILE, "tag:1.0"],
    [FILE, "custom:c"],
    [FILE, "pull-request:feature"],
    [ONLY_DEFAULT, "tag:1.0"],
  ];
  for (const [{ pipelines }, trigger] of refused) {
    assert.throws(() => choosePipeline(pipelines, parseTrigger(trigger)), {
      message: /^Cannot run pipeline: the file has not .*, only default.*; --pipeline chooses one$/,
    });
  }
  assert.throws(() => choosePipeline([], parseTrigger("default")), { message: /only none at all/ });
});

Deno.test("What is no trigger is refused with what there is", () => {
  for (const text of ["", "main", "branch:", "branches:main", "pull-request:a:", "default:x"]) {
    assert.throws(() => parseTrigger(text), {
      message: /^Cannot use --pipeline .*: it takes default, custom:NAME, /,
    });
  }
});
