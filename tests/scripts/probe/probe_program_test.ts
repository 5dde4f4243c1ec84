import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { LocalCloud } from "../../../scripts/local_cloud/start_local_cloud.ts";
import { profileFrom } from "../../../scripts/probe/judge/profile.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { withLocalCloud } from "../../fixtures/programs/local_cloud.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";
import { runnersLeft, startProbe } from "./probe_run.ts";

const PROGRAM = fileURLToPath(new URL("../../../scripts/probe.ts", import.meta.url));

Deno.test("The probe prints a table, and writes the profile to a file", async () => {
  await withTemporaryFolder(async (folder) => {
    await withLocalCloud({}, async (cloud) => {
      const file = `${folder}/profile.json`;
      const { code, stdout } = await ended(launch(cloud.env, "--profile", file));
      assert.equal(code, 0);
      assert.match(stdout, /^ {3}Fact +Expected +Seen$/m);
      assert.match(stdout, /^ {3}a closed runner shows +DISABLED +DISABLED$/m);
      const profile = JSON.parse(await Deno.readTextFile(file));
      assert.deepEqual(profile, profileFrom(await startProbe(cloud).found));
    });
  });
});

Deno.test("With --json the probe prints each fact with its verdict, and the profile", async () => {
  await withLocalCloud({}, async (cloud) => {
    const { facts, profile } = JSON.parse((await ended(launch(cloud.env, "--json"))).stdout);
    assert.ok(facts.length > 30);
    const fact = facts.find(({ name }: { name: string }) => name === "a token lives, in seconds");
    assert.deepEqual(fact, { name: fact.name, expected: "7200", seen: "7200", verdict: "as expected" });
    assert.equal(profile.closeForm, "public");
  });
});

Deno.test("Ctrl-C ends the probe with 130, and no runner is left", async () => {
  await withLocalCloud({}, async (cloud) => {
    cloud.faults.inject({ call: "GetRunner", kind: "hang" });
    const child = launch(cloud.env);
    await struck(cloud, "GetRunner");
    assert.notDeepEqual(runnersLeft(cloud), []);
    child.kill("SIGINT");
    const { code, stdout, stderr } = await ended(child);
    assert.deepEqual([code, stdout], [130, ""]);
    assert.match(stderr, /^error: Interrupted by SIGINT$/m);
    assert.deepEqual(runnersLeft(cloud), []);
  });
});

Deno.test("A second Ctrl-C gives up at once, and says what is left", async () => {
  await withLocalCloud({}, async (cloud) => {
    cloud.faults.inject({ call: "GetRunner", kind: "hang" });
    const child = launch({ ...cloud.env, API_TIMEOUT: "300" });
    await struck(cloud, "GetRunner");
    cloud.faults.inject({ call: "DeleteRunner", kind: "hang", times: Infinity });
    child.kill("SIGINT");
    await struck(cloud, "DeleteRunner");
    child.kill("SIGINT");
    const { code, stderr } = await ended(child);
    assert.equal(code, 130);
    const hint = stderr.split("\n").find((line) => line.startsWith("hint: ")) ?? "";
    for (const { uuid } of cloud.bitbucket.runners.all) assert.ok(hint.includes(uuid), stderr);
    assert.notDeepEqual(runnersLeft(cloud), []);
  });
});

Deno.test("Everything that is wrong with the settings is said at once, and nothing is sent", async () => {
  await withLocalCloud({}, async (cloud) => {
    const env = {
      BITBUCKET_API_URL: cloud.env["BITBUCKET_API_URL"] ?? "",
      BITBUCKET_API_EMAIL: "a@example.com",
    };
    const { code, stderr } = await ended(launch(env, "--step"));
    assert.equal(code, 2);
    assert.match(stderr, /^error: Missing half of the Bitbucket credentials/m);
    assert.match(stderr, /^error: Missing Bitbucket credentials: set BITBUCKET_ACCESS_TOKEN /m);
    assert.match(
      stderr,
      /^error: Cannot use «acme» from --workspace: with --step it takes a UUID in braces/m,
    );
    assert.equal(cloud.requests.count(), 0);
  });
});

Deno.test("Refused credentials are said to be so, with the scopes it takes", async () => {
  await withLocalCloud(
    { bitbucket: { consumers: [{ key: "k", secret: "secret", scopes: ["pipeline"] }] } },
    async (cloud) => {
      const { code, stderr } = await ended(launch(cloud.env));
      assert.equal(code, 3);
      assert.match(
        stderr,
        /^error: Cannot create runner: Bitbucket answered 403: .*\nhint: .*runner:write$/m,
      );
    },
  );
});

function launch(env: Readonly<Record<string, string>>, ...flags: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-A", PROGRAM, "--workspace", "acme", "--repository", "demo", ...flags],
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function ended(child: Deno.ChildProcess): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await child.output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

async function struck(cloud: LocalCloud, call: string): Promise<void> {
  await eventually(call, () => cloud.faults.struck.some((fault) => fault.call === call) || undefined);
}
