import assert from "node:assert/strict";
import fc from "fast-check";
import { buildIdOf, isShortened, projectOf, runnerName } from "../../../shared/leftovers/runner_name.ts";

const UUID = "0a1b2c3d-0000-4000-8000-00000000000f";

const NAMES = [
  ["app", `${UUID}-app`],
  ["app_3", `${UUID}-app_3`],
  ["thirteen-char", `${UUID}-thirteen-char`],
  ["fourteen-chars", `${UUID}-fourtee.ecfc2`],
  ["bitbucket-runner", `${UUID}-bitbuck.6b5a2`],
] as const;

for (const [project, name] of NAMES) {
  Deno.test(`\`runnerName()\` holds the build's UUID and as much of «${project}» as there is room for`, () => {
    assert.equal(runnerName(`${project}:${UUID}`), name);
    assert.equal(isShortened(name), project.length > 13);
  });
}

/** What CodeBuild takes for a project's name. Source: its API model. */
const projects = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{1,149}$/);

Deno.test("`runnerName()` gives names that Bitbucket takes, and `buildIdOf()` finds the build id in them", () => {
  fc.assert(fc.property(projects, fc.uuid(), (project, uuid) => {
    const buildId = `${project}:${uuid}`;
    assert.match(runnerName(buildId), /^[A-Za-z0-9._-]{1,50}$/);
    assert.equal(buildIdOf(runnerName(buildId), project), buildId);
    assert.equal(projectOf(buildId), project);
  }));
});

Deno.test("`buildIdOf()` tells projects apart, also those whose names begin alike", () => {
  fc.assert(fc.property(projects, projects, fc.uuid(), (one, other, uuid) => {
    fc.pre(one !== other);
    assert.equal(buildIdOf(runnerName(`${one}:${uuid}`), other), undefined);
  }));
  for (const other of ["bitbucket-runner-2", "bitbucket-runne", "bitbuck"]) {
    assert.equal(buildIdOf(runnerName(`bitbucket-runner:${UUID}`), other), undefined);
  }
});

Deno.test("`buildIdOf()` knows the names that earlier versions gave", () => {
  for (const project of ["app", "app-two", "bitbucket-runner"]) {
    assert.equal(buildIdOf(`codebuild-${project}-${UUID}`, project), `${project}:${UUID}`);
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
  `${UUID}-app-two`,
  `${UUID}-ap`,
  `${UUID}`,
  `my-${UUID}-app`,
  "my own runner",
];

Deno.test("`buildIdOf()` leaves runners of others alone", () => {
  for (const name of STRANGERS) assert.equal(buildIdOf(name, "app"), undefined, name);
});
