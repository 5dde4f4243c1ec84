import assert from "node:assert/strict";
import { PRICES } from "../../../shared/aws/prices.ts";
import { withLocalCloud } from "../../fixtures/programs/local_cloud.ts";
import { changesAsked, onLaptop, playBuild } from "../builds/looked_at_builds.ts";
import { runProcess } from "../../fixtures/programs/start_runner.ts";

Deno.test("`cost` sums up what builds have cost, says what the prices are, and does not guess the idle share", async () => {
  await withLocalCloud({ codeBuild: { concurrentBuilds: 1 } }, async (cloud) => {
    for (const repository of ["demo", "demo", "other"]) {
      const build = playBuild(cloud, { variables: { RUNNER_REPOSITORY: repository } });
      await cloud.codeBuild.ended(build.id);
    }
    const huge = playBuild(cloud, { more: { computeTypeOverride: "BUILD_LAMBDA_10GB" } });
    await cloud.codeBuild.ended(huge.id);
    const running = playBuild(cloud, { commands: ["sleep 600"] });
    // It waits in the queue, which costs nothing.
    playBuild(cloud);

    const { code, stdout, stderr } = await onLaptop(cloud, ["cost"]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^REPOSITORY +BUILDS +MINUTES +COST +OUTSIDE BUILD$/m);
    assert.match(stdout, /^demo +5 +4 +\$0\.03 \+ 1 min +\d+ %$/m);
    assert.match(stdout, /^other +1 +1 +\$0\.01 /m);
    assert.match(stdout, /^total +6 +5 +\$0\.04 \+ 1 min /m);
    assert.match(
      stderr,
      new RegExp(`List prices of ${PRICES.region} as of ${PRICES.asOf}; those of eu-central-1 may differ`),
    );
    assert.match(stderr, /No price is known for LINUX_CONTAINER BUILD_LAMBDA_10GB: 1 min/);
    assert.match(stderr, /2 of the builds still run/);
    assert.match(stderr, /Idle share: not known/);
    assert.deepEqual(changesAsked(cloud), []);

    const byPipeline = await onLaptop(cloud, ["cost", "--by", "pipeline", "--json", "--since", "1h"]);
    const report = JSON.parse(byPipeline.stdout);
    assert.deepEqual(report.groups.map(({ group }: { group: string }) => group), [
      "demo #7",
      "other #7",
    ]);
    assert.deepEqual([report.total.minutes, report.total.dollars, report.total.idleShare], [5, 0.04, null]);
    assert.deepEqual(report.total.unpricedMinutes, { "LINUX_CONTAINER BUILD_LAMBDA_10GB": 1 });
    const byDay = await onLaptop(cloud, ["cost", "--by", "day"]);
    assert.match(byDay.stdout, /^\d{4}-\d\d-\d\d +\d/m);
    cloud.codeBuild.end(running.id, "STOPPED");
  });
});

Deno.test("`cost` refuses what it cannot sum up by, and spans that are none", async () => {
  const env = { CODEBUILD_PROJECT: "ci", AWS_REGION: "eu-west-1" };
  const { code, stderr } = await runProcess(env, ["cost", "--by", "colour", "--since", "yesterday"]);
  assert.equal(code, 2);
  assert.match(stderr, /«colour» from --by: --by takes one of repository, pipeline, day/);
  assert.match(stderr, /«yesterday» from --since: --since takes a time span/);
});
