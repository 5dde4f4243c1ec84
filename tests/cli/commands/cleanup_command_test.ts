import assert from "node:assert/strict";
import { runnerName } from "../../../shared/leftovers/runner_name.ts";
import type { LocalCloud } from "../../../scripts/local_cloud/start_local_cloud.ts";
import { withLocalCloud } from "../../fixtures/programs/local_cloud.ts";
import {
  bitbucketAccess,
  changesAsked,
  onLaptop,
  OWN,
  playBuild,
  playOnlineBuild,
} from "../builds/looked_at_builds.ts";

Deno.test("`cleanup --dry-run` shows which runners go and which stay, with the reason, and removes none; then they go", async () => {
  await withLocalCloud({}, async (cloud) => {
    const { dead, alive } = await runnersOf(cloud);
    const env = { ...OWN, ...bitbucketAccess(cloud) };
    const dry = await onLaptop(cloud, ["cleanup", "--dry-run"], env);
    assert.equal(dry.code, 0, dry.stderr);
    assert.match(dry.stdout, new RegExp(`^goes +${dead} +UNREGISTERED +its build has ended$`, "m"));
    assert.match(dry.stdout, new RegExp(`^stays +${alive} +UNREGISTERED +its build is still running$`, "m"));
    assert.match(dry.stderr, /1 would be removed/);
    assert.doesNotMatch(dry.stdout, /somebody-else/);
    assert.equal(cloud.bitbucket.runners.all.length, 3);
    assert.deepEqual(changesAsked(cloud), []);

    const done = await onLaptop(cloud, ["cleanup"], env);
    assert.equal(done.code, 0, done.stderr);
    assert.match(done.stderr, /Removed: 1 of 1/);
    assert.deepEqual(cloud.bitbucket.runners.all.map(({ name }) => name), [alive, "somebody-else"]);
  });
});

Deno.test("`cleanup` removes more leftovers than an agent does at once", async () => {
  await withLocalCloud({}, async (cloud) => {
    for (let count = 0; count < 13; count++) await leftover(cloud);
    const { code, stderr } = await onLaptop(cloud, ["cleanup"], { ...OWN, ...bitbucketAccess(cloud) });
    assert.equal(code, 0);
    assert.match(stderr, /Removed: 13 of 13/);
    assert.deepEqual(cloud.bitbucket.runners.all, []);
  });
});

Deno.test("`cleanup` removes every runner of a dead build that hosted several", async () => {
  await withLocalCloud({}, async (cloud) => {
    await leftover(cloud);
    const [dead] = cloud.codeBuild.builds;
    for (let number = 2; number <= 4; number++) {
      cloud.bitbucket.runners.create(OWN.REPO_UUID, runnerName(dead?.id ?? "", number), []);
    }
    const alive = runnerName((await playOnlineBuild(cloud)).id, 3);
    cloud.bitbucket.runners.create(OWN.REPO_UUID, alive, []);
    const { code, stderr } = await onLaptop(cloud, ["cleanup"], { ...OWN, ...bitbucketAccess(cloud) });
    assert.equal(code, 0, stderr);
    assert.match(stderr, /Removed: 4 of 4/);
    assert.deepEqual(cloud.bitbucket.runners.all.map(({ name }) => name), [alive]);
  });
});

Deno.test("`cleanup` says why what should go is still there, and ends with 1", async () => {
  await withLocalCloud({}, async (cloud) => {
    const name = await leftover(cloud);
    cloud.faults.inject({ call: "DeleteRunner", kind: "forbidden", times: Infinity });
    const { code, stderr } = await onLaptop(cloud, ["cleanup"], { ...OWN, ...bitbucketAccess(cloud) });
    assert.equal(code, 1, stderr);
    assert.match(stderr, new RegExp(`warning: Runner ${name} stays: .*403`));
  });
});

Deno.test("`cleanup` names all that it lacks, and ends with 3 where Bitbucket refuses", async () => {
  await withLocalCloud({}, async (cloud) => {
    const lacking = await onLaptop(cloud, ["cleanup"]);
    assert.equal(lacking.code, 2);
    for (const name of ["REPO_UUID", "WORKSPACE_UUID", "BITBUCKET_ACCESS_TOKEN"]) {
      assert.match(lacking.stderr, new RegExp(`^error: Missing .*${name}`, "m"));
    }
    const wrong = { ...OWN, ...bitbucketAccess(cloud), BITBUCKET_ACCESS_TOKEN: "wrong-token" };
    assert.equal((await onLaptop(cloud, ["cleanup"], wrong)).code, 3);
  });
});

async function runnersOf(cloud: LocalCloud): Promise<{ dead: string; alive: string }> {
  const dead = await leftover(cloud);
  const alive = runnerName((await playOnlineBuild(cloud)).id);
  for (const name of [alive, "somebody-else"]) cloud.bitbucket.runners.create(OWN.REPO_UUID, name, []);
  return { dead, alive };
}

/** The name of a runner whose build has ended. */
async function leftover({ codeBuild, ...rest }: LocalCloud): Promise<string> {
  const build = playBuild({ codeBuild, ...rest });
  codeBuild.end(build.id, "STOPPED");
  await codeBuild.ended(build.id);
  rest.bitbucket.runners.create(OWN.REPO_UUID, runnerName(build.id), []);
  return runnerName(build.id);
}
