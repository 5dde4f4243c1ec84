import assert from "node:assert/strict";
import { runnerName } from "../../../shared/leftovers/runner_name.ts";
import type { LocalCloud } from "../../../scripts/local_cloud/start_local_cloud.ts";
import { withLocalCloud } from "../../fixtures/programs/local_cloud.ts";
import { bitbucketAccess, onLaptop, OWN, playBuild, playOnlineBuild } from "../builds/looked_at_builds.ts";

Deno.test("`stop` stops a build on its way and removes its runner, without --force", async () => {
  await withLocalCloud({ codeBuild: { provisioningMs: 60_000 } }, async (cloud) => {
    const build = playBuild(cloud);
    registered(cloud, build.id);
    const { code, stderr } = await onLaptop(cloud, ["stop", build.id], bitbucketAccess(cloud));
    assert.equal(code, 0, stderr);
    assert.equal(build.status, "STOPPED");
    assert.deepEqual(cloud.bitbucket.runners.all, []);
  });
});

Deno.test("`stop` removes every runner of a build that hosts several, and nobody else's", async () => {
  await withLocalCloud({}, async (cloud) => {
    const build = await playOnlineBuild(cloud, { variables: { RUNNER_COUNT: "4" } });
    const other = await playOnlineBuild(cloud);
    for (let number = 1; number <= 4; number++) registered(cloud, build.id, number);
    registered(cloud, other.id, 2);
    const { code, stderr } = await onLaptop(cloud, ["stop", "--force", build.id], bitbucketAccess(cloud));
    assert.equal(code, 0, stderr);
    assert.deepEqual(cloud.bitbucket.runners.all.map(({ name }) => name), [runnerName(other.id, 2)]);
  });
});

Deno.test("`stop` leaves a build whose runner is online, unless it is forced", async () => {
  await withLocalCloud({}, async (cloud) => {
    const build = await playOnlineBuild(cloud);
    const left = await onLaptop(cloud, ["stop", "last"]);
    assert.equal(left.code, 1);
    assert.match(left.stderr, /^error: Cannot stop build \S+: its runner is online\nhint: .*--force/m);
    assert.equal(cloud.requests.count({ call: "StopBuild" }), 0);

    const { code, stderr } = await onLaptop(cloud, ["stop", "--force", "last"]);
    assert.equal(code, 0, stderr);
    assert.equal(build.status, "STOPPED");
    assert.match(stderr, /warning: The runner of build \S+ is online: a step on it is cut off/);
    assert.match(stderr, /start-runner has no Bitbucket credentials/);
  });
});

Deno.test("`stop` stops a build without a runner at any time", async () => {
  await withLocalCloud({}, async (cloud) => {
    const build = await playOnlineBuild(cloud, { variables: { RUNNER_TYPE: "" } });
    assert.equal((await onLaptop(cloud, ["stop", build.id])).code, 0);
    assert.equal(build.status, "STOPPED");
  });
});

Deno.test("`stop` removes what an ended build left, and says so; a StopBuild that fails is an error", async () => {
  await withLocalCloud({}, async (cloud) => {
    const ended = playBuild(cloud);
    await cloud.codeBuild.ended(ended.id);
    registered(cloud, ended.id);
    const over = await onLaptop(cloud, ["stop", ended.id], bitbucketAccess(cloud));
    assert.equal(over.code, 0);
    assert.match(over.stderr, /has ended already: SUCCEEDED/);
    assert.deepEqual(cloud.bitbucket.runners.all, []);

    const running = await playOnlineBuild(cloud);
    cloud.faults.inject({ call: "StopBuild", kind: "forbidden", times: Infinity });
    const failed = await onLaptop(cloud, ["stop", running.id, "--force"]);
    assert.equal(failed.code, 3);
    assert.match(
      failed.stderr,
      /^error: Cannot call StopBuild: .*AccessDenied.*\nhint: allow codebuild:StopBuild/m,
    );
    assert.equal(failed.stderr.match(/AccessDenied/g)?.length, 1, failed.stderr);
  });
});

Deno.test("`stop` by a pipeline's number stops all machines of its newest start, and no other build", async () => {
  await withLocalCloud({ codeBuild: { provisioningMs: 60_000 } }, async (cloud) => {
    const step = "{22222222-2222-4222-8222-222222222222}";
    const other = playBuild(cloud, {
      variables: { LAUNCHER_STEP_UUID: "{33333333-3333-4333-8333-333333333333}" },
    });
    const machines = ["", "2", "3"].map((number) =>
      playBuild(cloud, { variables: { LAUNCHER_STEP_UUID: step, LAUNCHER_MACHINE: number } })
    );
    for (const { id } of machines) registered(cloud, id);
    const { code, stderr } = await onLaptop(cloud, ["stop", "7"], bitbucketAccess(cloud));
    assert.equal(code, 0, stderr);
    assert.deepEqual(machines.map(({ status }) => status), ["STOPPED", "STOPPED", "STOPPED"], stderr);
    assert.deepEqual(cloud.bitbucket.runners.all, []);
    assert.equal(other.status, "IN_PROGRESS");
  });
});

Deno.test("`stop` by a pipeline's number stops all machines of a start that was made outside a step", async () => {
  await withLocalCloud({ codeBuild: { provisioningMs: 60_000 } }, async (cloud) => {
    const inStep = playBuild(cloud, {
      variables: { LAUNCHER_STEP_UUID: "{33333333-3333-4333-8333-333333333333}" },
    });
    const machines = ["", "2"].map((number) => playBuild(cloud, { variables: { LAUNCHER_MACHINE: number } }));
    const { code, stderr } = await onLaptop(cloud, ["stop", "7"]);
    assert.equal(code, 0, stderr);
    assert.deepEqual(machines.map(({ status }) => status), ["STOPPED", "STOPPED"], stderr);
    assert.equal(inStep.status, "IN_PROGRESS");
  });
});

Deno.test("`stop` leaves the machine that is online, stops its fellows, and says so", async () => {
  await withLocalCloud({ codeBuild: { concurrentBuilds: 1 } }, async (cloud) => {
    const variables = { LAUNCHER_STEP_UUID: "{22222222-2222-4222-8222-222222222222}" };
    const online = await playOnlineBuild(cloud, { variables });
    const late = playBuild(cloud, { variables: { ...variables, LAUNCHER_MACHINE: "2" } });
    const { code, stderr } = await onLaptop(cloud, ["stop", "#7"]);
    assert.equal(code, 1, stderr);
    assert.deepEqual([online.status, late.status], ["IN_PROGRESS", "STOPPED"], stderr);
    assert.match(stderr, /^error: Cannot stop build \S+: its runner is online/m);
  });
});

function registered({ bitbucket }: LocalCloud, buildId: string, number = 1): void {
  bitbucket.runners.create(OWN.REPO_UUID, runnerName(buildId, number), ["self.hosted"]);
}
