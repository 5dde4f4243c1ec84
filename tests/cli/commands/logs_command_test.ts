import assert from "node:assert/strict";
import { withLocalCloud } from "../../fixtures/programs/local_cloud.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { changesAsked, laptopEnvironment, onLaptop, OWN, playBuild } from "../builds/looked_at_builds.ts";
import { spawnStartRunner } from "../../fixtures/programs/start_runner.ts";

const SPOKEN = [
  "echo plain",
  "echo '12:00:00Z warning: it is late'",
  "printf 'error: \\033[31mred\\n'",
  "echo 'hint: turn it off'",
  `echo '{"level":"error","message":"as JSON","hint":"read it"}'`,
];

Deno.test("`logs` shows a build's log whatever stands for the build, and changes nothing", async () => {
  await withLocalCloud({}, async (cloud) => {
    const other = playBuild(cloud, { variables: { RUNNER_PIPELINE_NUMBER: "8" }, commands: ["echo other"] });
    await cloud.codeBuild.ended(other.id);
    const build = playBuild(cloud, { commands: SPOKEN });
    await cloud.codeBuild.ended(build.id);
    const words = [build.id, build.uuid, build.uuid.slice(0, 13), build.arn, "7", "#7", "last"];
    for (const word of words) {
      const { code, stdout, stderr } = await onLaptop(cloud, ["logs", word]);
      assert.equal(code, 0, `${word}: ${stderr}`);
      assert.match(stdout, /^plain\n/m, word);
      assert.match(stdout, /^error: \\x1b\[31mred\n/m, word);
      assert.match(stdout, /Phase complete: FINALIZING State: SUCCEEDED/, word);
      assert.doesNotMatch(stdout, /^other$/m, word);
    }
    const json = await onLaptop(cloud, ["logs", "last", "--log-format", "json"]);
    const messages = json.stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.ok(messages.some(({ message, time }) => message === "plain" && Date.parse(time) > 0));
    assert.deepEqual(changesAsked(cloud), []);
  });
});

Deno.test("`logs` takes no empty page for the end of a long log, and loses no line of it", async () => {
  await withLocalCloud({}, async (cloud) => {
    const build = playBuild(cloud, { commands: ["seq 1 10500"] });
    await cloud.codeBuild.ended(build.id);
    const { stdout } = await onLaptop(cloud, ["logs", "last"]);
    const numbers = stdout.match(/^\d+$/gm) ?? [];
    assert.deepEqual([numbers.length, numbers.at(-1)], [10_500, "10500"]);
  });
});

Deno.test("`logs` shows nothing of the credentials that a build was given", async () => {
  await withLocalCloud({}, async (cloud) => {
    const build = playBuild(cloud, {
      variables: {
        BITBUCKET_ACCESS_TOKEN: "token-of-this-build-alone",
        RUNNER_IDENTITY: '{"secret":"client-secret-of-a-runner"}',
      },
      commands: ['echo "has $BITBUCKET_ACCESS_TOKEN"', "echo has client-secret-of-a-runner"],
    });
    await cloud.codeBuild.ended(build.id);
    const { code, stdout } = await onLaptop(cloud, ["logs", "last"]);
    assert.equal(code, 0);
    assert.equal(stdout.match(/^has \*\*\*$/gm)?.length, 2, stdout);
    assert.doesNotMatch(stdout, /of-this-build|secret-of-a-runner/);
  });
});

Deno.test("`logs --errors` shows the programs' errors, warnings and hints alone", async () => {
  await withLocalCloud({}, async (cloud) => {
    const build = playBuild(cloud, { commands: SPOKEN });
    await cloud.codeBuild.ended(build.id);
    const { code, stdout } = await onLaptop(cloud, ["logs", "--errors", "last"]);
    assert.deepEqual([code, stdout.trimEnd().split("\n")], [0, [
      "warning: it is late",
      "error: \\x1b[31mred",
      "hint: turn it off",
      "error: as JSON",
      "hint: read it",
    ]]);
  });
});

Deno.test("`logs --follow` waits for a log that is not there yet, and for the build's end, through faults", async () => {
  await withLocalCloud({ codeBuild: { provisioningMs: 1500, concurrentBuilds: 1 } }, async (cloud) => {
    const first = playBuild(cloud, { commands: ["sleep 1"] });
    const build = playBuild(cloud, { commands: ["echo begin", "sleep 3", "echo end"] });
    cloud.faults.inject({ call: "GetLogEvents", kind: "hang", after: 2 });
    cloud.faults.inject({ call: "BatchGetBuilds", kind: "throttling", after: 2, times: 6 });
    const { code, stdout, stderr } = await onLaptop(cloud, ["logs", "-f", build.id], { API_TIMEOUT: "1" });
    assert.equal(code, 0, stderr);
    assert.deepEqual(stdout.match(/^(begin|end)$/gm), ["begin", "end"]);
    assert.match(stdout, /Phase complete: FINALIZING/);
    assert.match(stderr, /has ended: SUCCEEDED/);
    assert.equal(first.status, "SUCCEEDED");
  });
});

Deno.test("`logs --follow` shows also what CloudWatch shows only after a build's end", async () => {
  await withLocalCloud({ codeBuild: { logDelayMs: 1700 } }, async (cloud) => {
    const build = playBuild(cloud);
    await cloud.codeBuild.ended(build.id);
    const { code, stdout } = await onLaptop(cloud, ["logs", "-f", build.id]);
    assert.equal(code, 0);
    assert.match(stdout, /Phase complete: FINALIZING/);
  });
});

Deno.test("`logs` ends with 1 and says what helps where there is no such build, or no log", async () => {
  await withLocalCloud({ codeBuild: { provisioningMs: 60_000, concurrentBuilds: 1 } }, async (cloud) => {
    const running = playBuild(cloud);
    const queued = playBuild(cloud, {
      variables: { REPO_UUID: "{another}", RUNNER_REPOSITORY: "other" },
    });
    const cases = [
      ["nonsense", /^error: Cannot find build «nonsense» in project/m],
      ["bitbucket-runner:00000000-0000-4000-8000-000000000000", /^error: Cannot find build/m],
      ["99", /^hint: start-runner list shows/m],
      [queued.id, /^error: Build \S+ has no log in CloudWatch\nhint: it has none yet.*--follow/m],
      [
        "7",
        /^error: Several repositories have a build for a pipeline 7: .* of other, .* of demo$/m,
      ],
    ] as const;
    for (const [word, said] of cases) {
      const { code, stdout, stderr } = await onLaptop(cloud, ["logs", word]);
      assert.deepEqual([code, stdout], [1, ""], word);
      assert.match(stderr, said);
    }
    const { code, stdout } = await onLaptop(cloud, ["logs", "7"], { REPO_UUID: OWN.REPO_UUID });
    assert.equal(code, 0);
    assert.match(stdout, /Entering phase PROVISIONING/);
    assert.equal((await onLaptop(cloud, ["logs"])).code, 2);
    assert.equal(running.complete, false);
  });
});

Deno.test("`logs --follow` ends with 130 on Ctrl-C, and leaves the build alone", async () => {
  await withLocalCloud({}, async (cloud) => {
    const build = playBuild(cloud, { commands: ["sleep 600"] });
    const child = spawnStartRunner(laptopEnvironment(cloud), ["logs", "--follow", build.id]);
    await eventually(
      "the log is read",
      () => cloud.requests.count({ call: "GetLogEvents" }) > 2 || undefined,
    );
    child.kill("SIGINT");
    const { code, stderr } = await child.output();
    assert.equal(code, 130);
    assert.match(new TextDecoder().decode(stderr), /^error: Interrupted by SIGINT\n$/m);
    assert.equal(build.complete, false);
    assert.deepEqual(changesAsked(cloud), []);
  });
});
