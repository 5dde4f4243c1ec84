import assert from "node:assert/strict";
import fc from "fast-check";
import {
  buildIdOf,
  isRunnerOf,
  isShortened,
  MOST_RUNNERS,
  projectOf,
  runnerName,
} from "../../../shared/leftovers/runner_name.ts";

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

Deno.test("`runnerName()` has room for the number of a build's further runners", () => {
  assert.equal(runnerName(`app:${UUID}`, 2), `${UUID}.2-app`);
  assert.equal(runnerName(`thirteen-char:${UUID}`, 32), `${UUID}.32-thir.3adc6`);
  assert.equal(isShortened(`${UUID}.2-app`), false);
  assert.equal(isShortened(runnerName(`thirteen-char:${UUID}`, 32)), true);
});

/** What CodeBuild takes for a project's name. Source: its API model. */
const projects = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{1,149}$/);

Deno.test("`runnerName()` gives names that Bitbucket takes, and `buildIdOf()` finds the build id in them", () => {
  const numbers = fc.integer({ min: 1, max: MOST_RUNNERS });
  fc.assert(fc.property(projects, fc.uuid(), numbers, (project, uuid, number) => {
    const buildId = `${project}:${uuid}`;
    const name = runnerName(buildId, number);
    assert.match(name, /^[A-Za-z0-9._-]{1,50}$/);
    assert.equal(buildIdOf(name, project), buildId);
    assert.ok(isRunnerOf(name, buildId));
    assert.equal(projectOf(buildId), project);
  }));
});

Deno.test("`buildIdOf()` tells projects apart, also those whose names begin alike", () => {
  const numbers = fc.integer({ min: 1, max: MOST_RUNNERS });
  fc.assert(fc.property(projects, projects, fc.uuid(), numbers, (one, other, uuid, number) => {
    fc.pre(one !== other);
    assert.equal(buildIdOf(runnerName(`${one}:${uuid}`, number), other), undefined);
    assert.ok(!isRunnerOf(runnerName(`${one}:${uuid}`, number), `${other}:${uuid}`));
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
  `${UUID}.1-app`,
  `${UUID}.02-app`,
  `${UUID}.123-app`,
  `${UUID}.2-app-two`,
  `${UUID}`,
  `my-${UUID}-app`,
  "my own runner",
];

Deno.test("`buildIdOf()` leaves runners of others alone", () => {
  for (const name of STRANGERS) assert.equal(buildIdOf(name, "app"), undefined, name);
});
