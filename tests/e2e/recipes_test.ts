import assert from "node:assert/strict";
import { parseAllDocuments } from "yaml";
import { runnerLabels } from "../../shared/settings/runner_labels.ts";
import { leftoversOf } from "../../scripts/local_cloud/leftovers.ts";
import { stepsOf } from "../../scripts/local_cloud/pipelines/pipeline.ts";
import type { LocalCloudOptions } from "../../scripts/local_cloud/start_local_cloud.ts";
import { buildsOf, flowEnded } from "../../scripts/soak/flow.ts";
import { VERSION } from "../../shared/program/version.ts";
import { eventually } from "../fixtures/eventually.ts";
import { codeBlocks, headingAnchors, linkTargets } from "../fixtures/markdown.ts";
import { needing } from "../fixtures/needing.ts";
import {
  assertCalled,
  assertResults,
  sentVariable,
  type Stage,
  stageOf,
} from "../fixtures/programs/recipe_stage.ts";
import { makeRecipeTools } from "../fixtures/programs/recipe_tools.ts";
import { localBuildspec, RECIPE_PAGE as PAGE, recipePipelines } from "../fixtures/recipe_page.ts";
import { withTemporaryFolder } from "../fixtures/temporary_folder.ts";
import { NEEDED_TOOLS, sideBySide, withFlowWorld } from "./flow_world.ts";

interface Recipe {
  readonly cloud?: Pick<LocalCloudOptions, "projects" | "bitbucket">;
  readonly play: (stage: Stage) => Promise<void>;
}

/** By section; a section's second pipeline has a 2 behind its name. */
const RECIPES: Readonly<Record<string, Recipe>> = {
  "Artifacts": {
    play: async ({ play }) => {
      const [, , report] = stepsOf(await play());
      assert.ok(report?.output.some((line) => line.endsWith(" lib")), report?.output.join("\n"));
    },
  },
  "Layers cached in a registry": {
    play: async ({ cloud, play, tools }) => {
      await play();
      assert.equal(sentVariable(cloud, "DOCKER_CONTAINERD"), "true");
      const called = await tools.calls();
      assertCalled(called, /^docker login .* --password-stdin 123456789012\.dkr\.ecr\.eu-west-1\./);
      assertCalled(called, /^docker buildx build --push .*--cache-from type=registry,.*--cache-to .* \.$/);
    },
  },
  "Layers cached in a registry 2": {
    play: async ({ play, tools }) => {
      await play();
      const called = await tools.calls();
      assertCalled(called, /^docker run --privileged --rm \S+\/binfmt --install arm64$/);
      assertCalled(called, /^docker buildx build --push --platform linux\/amd64,linux\/arm64 .* \.$/);
    },
  },
  "A Docker daemon of one's own": {
    play: async ({ play, tools }) => {
      await play();
      const called = (await tools.calls()).filter((call) => call.startsWith("docker")).join(", ");
      assert.equal(called, "docker compose up --detach --wait, docker compose down --volumes");
    },
  },
  "Caches in S3": {
    play: async ({ play, tools }) => {
      await play();
      assert.ok(!(await tools.calls()).includes("npm found its cache"));
      await play();
      assertCalled(await tools.calls(), /^npm found its cache$/);
      assertCalled(await tools.calls(), /^aws s3 cp --quiet - s3:\/\/my-caches\/npm\/[0-9a-f]{16}\.tar\.gz$/);
    },
  },
  "Caches in S3 2": {
    cloud: { projects: [{ name: "bitbucket-runner", buildspec: localBuildspec("Caches in S3") }] },
    play: async ({ cloud, play }) => {
      await play();
      assert.equal(cloud.codeBuild.builds[0]?.input.buildspecOverride, undefined);
      assert.match(sentVariable(cloud, "CACHE_KEY") ?? "", /^npm-[0-9a-f]{16}$/);
    },
  },
  "Steps one after the other": {
    play: async ({ cloud, play, tools }) => {
      const pipeline = await play();
      const [build] = buildsOf(cloud, pipeline);
      assertCalled(await tools.calls(), new RegExp(`^make test in ${build?.id}$`));
      assert.equal(buildsOf(cloud, pipeline).length, 1);
    },
  },
  "Parallel steps": { play: playedSideBySide(1) },
  "Parallel steps 2": { play: playedSideBySide(3) },
  "Several sizes": {
    play: async ({ cloud, play, tools }) => {
      await play();
      const called = await tools.calls();
      const sizeOf = (what: string) => {
        const build = cloud.codeBuild.builds.find(({ id }) => called.includes(`make ${what} in ${id}`));
        return build?.input.computeTypeOverride;
      };
      assert.equal(sizeOf("test"), "BUILD_GENERAL1_MEDIUM");
      assert.equal(sizeOf("load-test"), "BUILD_GENERAL1_2XLARGE");
    },
  },
  "Manual gates": {
    play: async ({ cloud, start, tools }) => {
      const release = await tools.hold();
      const pipeline = start();
      const gate = stepsOf(pipeline)[2];
      // A step so short that it ends before the runner is closed makes the agent listen for half a minute more.
      await eventually(
        "the first runner is closed",
        () => cloud.bitbucket.runners.all.some(({ disabled }) => disabled) || undefined,
      );
      await release();
      await eventually("the first runner has left", () => {
        const [build] = buildsOf(cloud, pipeline);
        return gate?.paused && build?.complete || undefined;
      });
      assert.deepEqual(leftoversOf(cloud), []);
      cloud.bitbucket.scheduler.resume(gate?.uuid ?? "");
      await flowEnded(cloud, pipeline);
      assertResults(cloud, pipeline, "SUCCESSFUL SUCCESSFUL SUCCESSFUL SUCCESSFUL");
      assert.equal(buildsOf(cloud, pipeline).length, 2);
    },
  },
  "Rerun of failed steps": {
    play: async ({ cloud, start, rerunFailed, tools }) => {
      await tools.failOnce();
      const pipeline = start();
      await cloud.bitbucket.scheduler.ended(pipeline.uuid);
      assertResults(cloud, pipeline, "SUCCESSFUL FAILED");
      await rerunFailed(pipeline);
      assertResults(cloud, pipeline, "SUCCESSFUL SUCCESSFUL");
      assert.equal(buildsOf(cloud, pipeline).length, 1);
      assert.deepEqual(leftoversOf(cloud), []);
    },
  },
  "Rerun of failed steps 2": {
    play: async ({ cloud, start, play, rerunFailed, tools }) => {
      await tools.failOnce();
      const pipeline = await play("SUCCESSFUL FAILED");
      await rerunFailed(pipeline);
      assertResults(cloud, pipeline, "SUCCESSFUL ERROR");
      const helper = start({ custom: "one-more-runner" });
      await eventually(
        "the second step runs",
        () => stepsOf(helper)[1]?.state === "IN_PROGRESS" || undefined,
      );
      await rerunFailed(pipeline);
      assertResults(cloud, pipeline, "SUCCESSFUL SUCCESSFUL");
      cloud.bitbucket.scheduler.stop(helper.uuid);
      await flowEnded(cloud, helper);
      assertResults(cloud, helper, "SUCCESSFUL STOPPED");
    },
  },
  "Concurrency groups": {
    play: async ({ cloud, start, tools }) => {
      const release = await tools.hold();
      const both = [start(), start()];
      const states = () => both.map((pipeline) => stepsOf(pipeline)[1]?.state).sort().join(" ");
      await eventually("both runners are online, and one step runs", () => {
        const online = both.every((pipeline) => stepsOf(pipeline)[0]?.state === "COMPLETED");
        return online && states().includes("IN_PROGRESS") || undefined;
      });
      assert.equal(states(), "IN_PROGRESS PENDING");
      await release();
      await Promise.all(both.map((pipeline) => flowEnded(cloud, pipeline)));
      for (const pipeline of both) assertResults(cloud, pipeline, "SUCCESSFUL SUCCESSFUL");
    },
  },
  "A final step": {
    play: async ({ cloud, play, start, tools }) => {
      await tools.failOnce();
      const failed = await play("SUCCESSFUL FAILED SUCCESSFUL");
      assert.equal(failed.result, "FAILED");
      const release = await tools.hold();
      const stopped = start();
      await eventually("the step runs", () => stepsOf(stopped)[1]?.state === "IN_PROGRESS" || undefined);
      cloud.bitbucket.scheduler.stop(stopped.uuid);
      await flowEnded(cloud, stopped);
      await release();
      assertResults(cloud, stopped, "SUCCESSFUL STOPPED SUCCESSFUL");
      assert.equal((await tools.calls()).filter((call) => call === "make clean").length, 2);
    },
  },
  "One project for many repositories": {
    cloud: {
      bitbucket: {
        repositories: [
          { slug: "first", uuid: "{8d6b7e0a-0b1f-4c64-8f5e-5a9b7f0f2c22}" },
          { slug: "second", uuid: "{8d6b7e0a-0b1f-4c64-8f5e-5a9b7f0f2c33}" },
        ],
      },
    },
    play: async ({ cloud, start, tools }) => {
      const pipelines = ["first", "second"].map((repository) => start({ repository }));
      for (const pipeline of pipelines) await flowEnded(cloud, pipeline);
      const called = await tools.calls();
      for (const pipeline of pipelines) {
        assertResults(cloud, pipeline, "SUCCESSFUL SUCCESSFUL");
        const [build] = buildsOf(cloud, pipeline);
        assert.equal(build?.project.name, "bitbucket-runner");
        assertCalled(called, new RegExp(`^make dist in ${build?.id}$`));
      }
    },
  },
  "Docker Hub limits": {
    play: async ({ play, tools }) => {
      await play();
      assertCalled(
        await tools.calls(),
        /^docker build --build-arg BASE=\S+\/docker-hub\/library\/node:24 \.$/,
      );
    },
  },
  "Builds in a VPC": {
    cloud: { projects: [{ name: "bitbucket-runner" }, { name: "bitbucket-runner-vpc" }] },
    play: async ({ cloud, play, tools }) => {
      await play();
      assert.equal(cloud.codeBuild.builds[0]?.project.name, "bitbucket-runner-vpc");
      assertCalled(await tools.calls(), /^make migrate in bitbucket-runner-vpc:/);
    },
  },
};

Deno.test({
  ...needing([...NEEDED_TOOLS, "tar"], "Every recipe plays as its page says, and leaves nothing"),
  fn: async () => {
    const found = recipePipelines();
    assert.deepEqual([...found.keys()], Object.keys(RECIPES));
    await sideBySide([...found], async ([name, yaml]) => {
      const recipe = RECIPES[name];
      if (recipe !== undefined) {
        await playRecipe(recipe, yaml).catch((error) => {
          throw new Error(`«${name}»: ${error}`, { cause: error });
        });
      }
    }, 4);
  },
});

Deno.test("The recipes' links, commands and texts in JSON and YAML are sound", async () => {
  const anchors = headingAnchors(PAGE);
  // Those to other pages are held by tests/readme_test.ts.
  const own = linkTargets(PAGE).filter((target) => target.startsWith("#"));
  assert.deepEqual(own.filter((target) => !anchors.has(target.slice(1))), []);
  for (const text of codeBlocks(PAGE, "json")) JSON.parse(text);
  for (const text of codeBlocks(PAGE, "yaml")) {
    assert.deepEqual(parseAllDocuments(text).flatMap((document) => [...document.errors]), []);
  }
  for (const text of codeBlocks(PAGE, "sh")) {
    const { success } = await new Deno.Command("sh", { args: ["-n", "-c", text] }).output();
    assert.ok(success, text);
  }
});

Deno.test("The recipes ask for labels that runners carry, and name this version", () => {
  const own = [...PAGE.matchAll(/--label ([\w.,]+)/g)].flatMap(([, labels = ""]) => labels.split(","));
  const offered = (["shell", "docker"] as const).flatMap((type) => runnerLabels(type, "x86_64", own));
  const asked = [...PAGE.matchAll(/runs-on: \[(.*)\]/g)].flatMap(([, labels = ""]) => labels.split(", "));
  assert.deepEqual(asked.filter((label) => !offered.includes(label)), []);
  const named = [...PAGE.matchAll(/(?:runner-(?:shell|docker):|releases\/download\/v)(\d[\w.]*\w)/g)];
  assert.deepEqual([...new Set(named.map((match) => match[1]))], [VERSION]);
});

/** All steps at once, then a rerun of the one that has failed, in the build that has served it. */
function playedSideBySide(builds: number): Recipe["play"] {
  return async ({ cloud, start, rerunFailed, tools }) => {
    const release = await tools.hold();
    await tools.failOnce();
    const pipeline = start();
    const [, ...steps] = stepsOf(pipeline);
    await eventually(
      "all steps run",
      () => steps.every(({ state }) => state === "IN_PROGRESS") || undefined,
    );
    await release();
    await cloud.bitbucket.scheduler.ended(pipeline.uuid);
    assert.deepEqual(steps.map(({ result }) => result).sort(), ["FAILED", "SUCCESSFUL", "SUCCESSFUL"]);
    // The others would serve the rerun too, as long as they are there.
    const { runners } = cloud.bitbucket;
    await eventually("one runner stays", () => runners.all.length === 1 || undefined);
    await rerunFailed(pipeline);
    assertResults(cloud, pipeline, "SUCCESSFUL SUCCESSFUL SUCCESSFUL SUCCESSFUL");
    assert.equal(buildsOf(cloud, pipeline).length, builds);
    const made = (await tools.calls()).filter((call) => call.startsWith("make"));
    assert.deepEqual([made.length, new Set(made).size], [4, 3], made.join("\n"));
  };
}

async function playRecipe({ cloud: options = {}, play }: Recipe, yaml: string): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const tools = await makeRecipeTools(folder);
    await Deno.writeTextFile(`${tools.sources}/bitbucket-pipelines.yml`, yaml);
    const codeBuild = { machineEnv: { PATH: tools.before(Deno.env.get("PATH") ?? "/usr/bin:/bin") } };
    const bitbucket = { ...options.bitbucket, sources: tools.sources };
    await withFlowWorld({ ...options, bitbucket, codeBuild }, async ({ cloud, bin }) => {
      await play(stageOf(cloud, tools, yaml, bin));
      assert.deepEqual(cloud.bitbucket.cancelledSteps, []);
      assert.deepEqual(leftoversOf(cloud), []);
    });
  });
}
