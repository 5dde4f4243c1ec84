import assert from "node:assert/strict";
import { namesOf } from "../../../agent/docker/docker_clean_up.ts";

const RUNNER = { container: "codebuild-app-1", runnerUuid: "{AB-12}" };

Deno.test("`namesOf()` finds the runner first, then all that carries its UUID, with or without braces", () => {
  const list = [
    "ab-12_step_build",
    "other",
    "{ab-12}_step_service",
    "codebuild-app-1",
    "codebuild-app-11",
    "",
    "x-AB-12",
  ];
  assert.deepEqual(namesOf(list.join("\n"), RUNNER), [
    "codebuild-app-1",
    "ab-12_step_build",
    "{ab-12}_step_service",
    "x-AB-12",
  ]);
});

Deno.test("`namesOf()` finds nothing of a runner without a UUID", () => {
  assert.deepEqual(namesOf("a\nb", { ...RUNNER, runnerUuid: "" }), []);
});
