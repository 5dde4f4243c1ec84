import assert from "node:assert/strict";
import { runnerName } from "../../../shared/leftovers/runner_name.ts";
import { runInProcess } from "../../fixtures/programs/start_runner.ts";
import { withLocalCloud } from "../../fixtures/programs/local_cloud.ts";
import {
  bitbucketAccess,
  changesAsked,
  laptopEnvironment,
  onLaptop,
  OWN,
  playBuild,
  playOnlineBuild,
} from "../builds/looked_at_builds.ts";

Deno.test("`list` shows builds with their pipelines and runners, as a table that fits 100 columns, and changes nothing", async () => {
  await withLocalCloud({}, async (cloud) => {
    const ended = playBuild(cloud, { variables: { RUNNER_REPOSITORY: "", RUNNER_PIPELINE_NUMBER: "" } });
    await cloud.codeBuild.ended(ended.id);
    const online = await playOnlineBuild(cloud, {
      variables: { RUNNER_LABEL: "gpu, a.label.that.is.very.long" },
    });
    cloud.bitbucket.runners.create(OWN.REPO_UUID, runnerName(online.id), ["self.hosted"]);
    playBuild(cloud, { variables: { RUNNER_TYPE: "", RUNNER_REPOSITORY: "\x1b[31mother\nline" } });

    const { code, stdout, stderr } = await onLaptop(cloud, ["list"], bitbucketAccess(cloud));
    assert.equal(code, 0, stderr);
    const lines = stdout.trimEnd().split("\n");
    assert.equal(lines.length, 4, stdout);
    assert.ok(lines.every((line) => line.length <= 100), stdout);
    assert.match(lines[0] ?? "", /^BUILD +REPOSITORY +PIPELINE +PHASE +AGE +RUNNER +LABELS$/);
    assert.match(lines[1] ?? "", /\\x1b\[31mother\\n.*#7 .* - +\(no runner\)$/);
    assert.match(
      lines[2] ?? "",
      /^[0-9a-f]{8}-[0-9a-f]{4} .*demo .*#7 .*BUILD .*UNREGISTERED .*linux\.shell gpu/,
    );
    assert.match(lines[3] ?? "", /8d6b7e0a-0b1f-4c.* 11111111 .*SUCCEEDED .* none /);
    assert.deepEqual(changesAsked(cloud), []);

    const json = await onLaptop(cloud, ["list", "--json"], bitbucketAccess(cloud));
    const [, second] = JSON.parse(json.stdout);
    assert.deepEqual(
      { build: second.build, state: second.runnerState, pipeline: second.pipeline, labels: second.labels },
      {
        build: online.id,
        state: "UNREGISTERED",
        pipeline: "7",
        labels: ["self.hosted", "linux.shell", "codebuild", "gpu", "a.label.that.is.very.long"],
      },
    );
  });
});

Deno.test("`list` tells of a build with several runners how many there are, and how many are busy", async () => {
  await withLocalCloud({}, async (cloud) => {
    const online = await playOnlineBuild(cloud, { variables: { RUNNER_COUNT: "4" } });
    const { runners } = cloud.bitbucket;
    for (let number = 1; number <= 3; number++) {
      const runner = runners.create(OWN.REPO_UUID, runnerName(online.id, number), ["self.hosted"]);
      runners.report(runner, "ONLINE");
    }
    const { stdout } = await onLaptop(cloud, ["list"], bitbucketAccess(cloud));
    assert.match(stdout, / BUILD .* 3 of 4 runners, ONLINE +linux\.shell/);
    const json = await onLaptop(cloud, ["list", "--json"], bitbucketAccess(cloud));
    const [listed] = JSON.parse(json.stdout);
    assert.equal(listed.runner, runnerName(online.id));
    assert.deepEqual(listed.runners, [1, 2, 3, 4].map((number) => runnerName(online.id, number)));
  });
});

Deno.test("`list` says once why runners' states are unknown, and answers an empty array where there is no build", async () => {
  await withLocalCloud({}, async (cloud) => {
    const none = await onLaptop(cloud, ["list", "--json"]);
    assert.deepEqual([none.code, none.stdout], [0, "[]\n"], none.stderr);
    playBuild(cloud);
    playBuild(cloud);
    const { stdout, stderr } = await onLaptop(cloud, ["list"]);
    assert.equal(stdout.match(/ unknown /g)?.length, 2, stdout);
    assert.equal(stderr.match(/unknown without Bitbucket credentials/g)?.length, 1, stderr);
    const refused = await onLaptop(cloud, ["list"], {
      ...bitbucketAccess(cloud),
      BITBUCKET_ACCESS_TOKEN: "wrong-token",
    });
    assert.equal(refused.code, 0);
    assert.match(refused.stderr, /warning: The state of runners is unknown in 1 of 1 repositories: /);
  });
});

Deno.test("`list` finds a running build on a later page, and ends with 3 where AWS refuses", async () => {
  await withLocalCloud({ codeBuild: { concurrentBuilds: 50 } }, async (cloud) => {
    const online = await playOnlineBuild(cloud);
    for (let count = 0; count < 120; count++) {
      const build = playBuild(cloud, { commands: ["true"] });
      cloud.codeBuild.end(build.id, "STOPPED");
    }
    const { stdout, stderr } = await onLaptop(cloud, ["list", "--json"]);
    const builds: { build: string }[] = JSON.parse(stdout);
    assert.equal(builds.length, 121, stderr);
    assert.equal(builds.at(-1)?.build, online.id);
    assert.equal(cloud.requests.count({ call: "ListBuildsForProject" }), 2);

    const elsewhere = await onLaptop(cloud, ["list", "--project", "nothing-here"]);
    assert.equal(elsewhere.code, 1);
    assert.match(elsewhere.stderr, /hint: check --project .*«nothing-here» in eu-central-1/);

    cloud.faults.inject({ call: "*", kind: "forbidden", times: Infinity });
    const refused = await onLaptop(cloud, ["list"]);
    assert.equal(refused.code, 3, refused.stderr);
    assert.match(refused.stderr, /hint: .*codebuild:ListBuildsForProject/);
  });
});

Deno.test("`list` waits only so long for what Bitbucket says of runners", async () => {
  await withLocalCloud({}, async (cloud) => {
    playBuild(cloud);
    cloud.faults.inject({
      call: "ListRunners",
      kind: "429 with Retry-After",
      retryAfterS: 50,
      times: Infinity,
    });
    const { workspace } = cloud.bitbucket.settings;
    const token = cloud.oidcTokens.issue({
      workspaceSlug: workspace.slug,
      workspaceUuid: workspace.uuid,
      repositoryUuid: OWN.REPO_UUID,
      pipelineUuid: "{11111111-1111-4111-8111-111111111111}",
      stepUuid: "{22222222-2222-4222-8222-222222222222}",
      branch: "main",
      environmentUuid: undefined,
    });
    const env = laptopEnvironment(cloud, { ...bitbucketAccess(cloud), BITBUCKET_STEP_OIDC_TOKEN: token });
    const { code, stdout, stderr } = await runInProcess(env, { args: ["list"], speed: 50 });
    assert.equal(code, 0, stderr);
    assert.match(stdout, / unknown /);
    assert.match(stderr, /unknown in 1 of 1 repositories: Bitbucket has not told them within 20 s/);
  });
});
