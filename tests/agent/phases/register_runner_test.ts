import assert from "node:assert/strict";
import { machineLooks } from "../../../agent/phases/launch_runner.ts";
import type { RunnerDeps } from "../../../agent/phases/phase.ts";
import { registerRunner } from "../../../agent/phases/register_runner.ts";
import { readAgentConfig } from "../../../agent/settings/agent_settings.ts";
import { StateFile } from "../../../agent/settings/state_file.ts";
import { runnerName } from "../../../shared/leftovers/runner_name.ts";
import { type ClientSetup, clientSetup } from "../../fixtures/bitbucket_client_setup.ts";
import { errorBody } from "../../fixtures/servers/fake_bitbucket_state.ts";

const UUID = "1a000000-0000-4000-8000-000000000003";
const BUILD_ID = "app:00000000-0000-4000-8000-000000000001";
const PLANNED = { name: runnerName(BUILD_ID, 3), labels: ["self.hosted", "linux.shell"] };

interface Scene extends ClientSetup {
  readonly register: (signal?: AbortSignal) => ReturnType<typeof registerRunner>;
  /** How often what was being looked for was waited for. */
  readonly sweeps: number[];
}

/** The third of so many runners is to be registered. */
async function registering(count: number, body: (scene: Scene) => Promise<void>): Promise<void> {
  await using setup = await clientSetup();
  const config = readAgentConfig({
    ...{ WORKSPACE_UUID: UUID, REPO_UUID: UUID, PIPELINE_UUID: UUID, CODEBUILD_BUILD_ID: BUILD_ID },
    ...{ BITBUCKET_ACCESS_TOKEN: "the-token", RUNNER_COUNT: String(count) },
  });
  const sweeps: number[] = [];
  const sweep = {
    end: (graceMs: number) => Promise.resolve(sweeps.push(graceMs) > 1),
    done: Promise.resolve(),
  };
  const register = (signal = new AbortController().signal) => {
    const machine = machineLooks(setup.host);
    const stateFile = new StateFile("/nowhere");
    const deps: RunnerDeps = { ...setup, config, machine, stateFile, number: 3, signal };
    return registerRunner(deps, PLANNED, sweep);
  };
  await body({ ...setup, register, sweeps });
}

Deno.test("`registerRunner()` registers a runner by its name and labels, and returns its identity", async () => {
  await registering(4, async ({ register, fake, host }) => {
    const identity = await register();
    const [runner] = fake.state.runners;
    assert.deepEqual([runner?.name, runner?.labels], [PLANNED.name, PLANNED.labels]);
    assert.deepEqual(identity, {
      uuid: runner?.uuid,
      clientId: "client-of-the-runner",
      clientSecret: `secret-of-runner-${runner?.uuid}`,
    });
    assert.match(
      host.written.join(""),
      /Registering runner 0{8}-\S+\.3-app with labels self\.hosted, linux\.shell\n/,
    );
  });
});

Deno.test("`registerRunner()` says at which runner there was no room, and how many there are", async () => {
  await registering(4, async ({ register, fake, sweeps }) => {
    for (let count = 0; count < 100; count++) fake.state.addRunner({ name: `build-server-${count}` });
    await assert.rejects(register(), {
      name: "ApiError",
      status: 400,
      message: /answered 400.*Runner limit exceeded.* at runner 3 of 4; the repository has 100 runners$/,
      hint: /100 runners each/,
    });
    assert.equal(fake.count("create runner"), 2);
    assert.deepEqual(sweeps, [0]);
    assert.equal(fake.state.runners.length, 100);
  });
});

Deno.test("`registerRunner()` says nothing of its number where it is the only one", async () => {
  await registering(1, async ({ register, fake }) => {
    for (let count = 0; count < 100; count++) fake.state.addRunner({ name: `build-server-${count}` });
    await assert.rejects(register(), { message: /limit exceeded[^;]*; the repository has 100 runners$/i });
    await assert.rejects(register(), (error) => !/at runner/.test(String(error)));
  });
});

Deno.test("`registerRunner()` keeps to Bitbucket's own word where the runners cannot be counted", async () => {
  await registering(4, async ({ register, fake }) => {
    for (let count = 0; count < 100; count++) fake.state.addRunner({ name: `build-server-${count}` });
    fake.plan({ route: "list runners", fault: { kind: "status", status: 403 }, times: 100 });
    await assert.rejects(register(), { message: /Runner limit exceeded\)?$/ });
  });
});

const OTHER_REFUSALS = [[400, "The name is too long"], [422, "No"], [400, "Unknown labels"]] as const;

for (const [status, words] of OTHER_REFUSALS) {
  Deno.test(`\`registerRunner()\` does not try again where Bitbucket answers ${status}, «${words}»`, async () => {
    await registering(4, async ({ register, fake }) => {
      const fault = { kind: "status", status, body: errorBody(words) } as const;
      fake.plan({ route: "create runner", fault, times: 1 });
      await assert.rejects(register(), { name: "ApiError", status });
      assert.equal(fake.count("create runner"), 1);
    });
  });
}

Deno.test("`registerRunner()` neither registers nor speaks of it once the build gives up", async () => {
  await registering(4, async ({ register, fake, host }) => {
    await assert.rejects(register(AbortSignal.abort(new Error("another did not come up"))));
    assert.deepEqual([fake.requests.length, host.written], [0, []]);
  });
});
