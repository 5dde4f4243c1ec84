import assert from "node:assert/strict";
import { buildIdOf, projectOf, runnerName } from "../../../shared/leftovers/runner_name.ts";

const UUID = "0a1b2c3d-0000-4000-8000-00000000000f";

Deno.test("`buildIdOf()` finds the build id in the name that `runnerName()` made of it", () => {
  for (const project of ["app", "app-two", "app_3", "codebuild"]) {
    const buildId = `${project}:${UUID}`;
    assert.equal(runnerName(buildId), `codebuild-${project}-${UUID}`);
    assert.equal(buildIdOf(runnerName(buildId), project), buildId);
    assert.equal(projectOf(buildId), project);
  }
});

const STRANGERS = [
  `codebuild-app-two-${UUID}`,
  `codebuild-ap-${UUID}`,
  `my-codebuild-app-${UUID}`,
  `codebuild-app-${UUID}-2`,
  "codebuild-app-1",
  "codebuild-app-",
  `app-${UUID}`,
  "my own runner",
];

Deno.test("`buildIdOf()` leaves runners of others alone", () => {
  for (const name of STRANGERS) assert.equal(buildIdOf(name, "app"), undefined, name);
});
