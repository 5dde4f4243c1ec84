import assert from "node:assert/strict";
import { eventually } from "../../fixtures/eventually.ts";
import { attachRunner, machineLooks } from "../../../agent/phases/launch_runner.ts";
import type { PhaseDeps } from "../../../agent/phases/phase.ts";
import { preBuild } from "../../../agent/phases/pre_build.ts";
import { readAgentConfig } from "../../../agent/settings/agent_settings.ts";
import { numbersWithState, StateFile } from "../../../agent/settings/state_file.ts";
import { RunnerError } from "../../../shared/program/errors.ts";
import { runnerName } from "../../../shared/leftovers/runner_name.ts";
import { type ClientSetup, clientSetup } from "../../fixtures/bitbucket_client_setup.ts";
import { runnerJar } from "../../fixtures/class_jar.ts";
import { makeJava, makeRunnerHome, sayVersion } from "../../fixtures/programs/runner_home.ts";
import { quickHost } from "../../fixtures/quick_host.ts";
import { errorBody } from "../../fixtures/servers/fake_bitbucket_state.ts";
import { withTemporaryFolder, writeScript } from "../../fixtures/temporary_folder.ts";

interface Scene extends ClientSetup {
  readonly folder: string;
  readonly deps: PhaseDeps;
  /** All that the phase has written to the build's log. */
  readonly said: () => string;
}

const UUID = "1a000000-0000-4000-8000-000000000003";
const BUILD_ID = "app:00000000-0000-4000-8000-000000000001";

/** A build with the shell bundle installed, and a Bitbucket that calls a runner ONLINE when it is asked about it. */
async function inBuild(
  body: (scene: Scene) => Promise<void>,
  env: Record<string, string> = {},
): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    await makeRunnerHome(folder);
    await makeJava(`${folder}/java`, sayVersion("17.0.15"));
    await Deno.writeTextFile(
      `${folder}/bundle.json`,
      JSON.stringify({ type: "shell", runnerVersion: "5.6.0" }),
    );
    const PATH = `${folder}/java/bin:${Deno.env.get("PATH")}`;
    await using setup = await clientSetup({ apiTimeoutS: 10 }, quickHost({ env: { PATH } }));
    const { fake, bitbucket, host, log } = setup;
    fake.beforeAnswer = (route) => {
      if (route === "get runner") { for (const { state } of own(fake)) state.status = "ONLINE"; }
    };
    const config = readAgentConfig({
      ...{ WORKSPACE_UUID: UUID, REPO_UUID: UUID, PIPELINE_UUID: UUID, CODEBUILD_BUILD_ID: BUILD_ID },
      ...{ BITBUCKET_ACCESS_TOKEN: "the-token", RUNNER_HOME: folder, CODEBUILD_SRC_DIR: `${folder}/src` },
      ...env,
    });
    const signal = new AbortController().signal;
    const deps = {
      host,
      config,
      log,
      bitbucket,
      stateFile: new StateFile(folder),
      machine: machineLooks(host),
      signal,
    };
    try {
      await body({ ...setup, folder, deps, said: () => host.written.join("") });
    } finally {
      for (const number of await numbersWithState(folder)) {
        const launched = (await deps.stateFile.numbered(number).read())?.launched;
        if (launched !== undefined) await attachRunner(host, launched, { log }).stop(0);
      }
    }
  });
}

function own({ state }: ClientSetup["fake"]) {
  return state.runners.filter(({ name }) => name === runnerName(BUILD_ID));
}

Deno.test("`preBuild()` leaves an online runner with a fresh work folder of its own each time", async () => {
  await inBuild(async ({ deps, fake, folder }) => {
    const folders: string[] = [];
    for (const _ of [1, 2]) {
      await preBuild(deps);
      const state = await deps.stateFile.read();
      const { workingDirectory = "" } = state ?? {};
      assert.deepEqual([state?.online, state?.runnerUuid], [true, own(fake)[0]?.uuid]);
      assert.ok(workingDirectory.startsWith(`${folder}/src/bitbucket-runner/`), workingDirectory);
      const told = new RegExp(`<--workingDirectory>\nargument <${workingDirectory}>`);
      // The fake Bitbucket calls it online before it has said so itself.
      await eventually("the runner has told what it was given", async () => {
        return told.test(await Deno.readTextFile(state?.logFile ?? "")) || undefined;
      });
      assert.deepEqual([...Deno.readDirSync(workingDirectory)], []);
      await Deno.writeTextFile(`${workingDirectory}/left`, "by a step");
      folders.push(workingDirectory);
    }
    assert.notEqual(folders[0], folders[1]);
    assert.equal(fake.state.runners.length, 1);
  });
});

const LACKING: readonly { what: string; remove: (scene: Scene) => Promise<void>; message: RegExp }[] = [
  {
    what: "start.sh",
    remove: ({ folder }) => Deno.remove(`${folder}/bin/start.sh`),
    message: /start\.sh cannot be read$/,
  },
  {
    what: "a Java that is new enough",
    remove: ({ folder }) => Deno.writeFile(`${folder}/bin/runner.jar`, runnerJar(99)),
    message: /^Cannot find Java 99 or later/,
  },
  {
    what: "git",
    remove: async ({ folder, host }) => {
      for (const name of ["bash", "setsid"]) await writeScript(`${folder}/path/${name}`, "exit 0");
      Object.assign(host.env, { PATH: `${folder}/path` });
    },
    message: /no git on the PATH$/,
  },
  {
    what: "a place for its work",
    remove: ({ folder }) => Deno.writeTextFile(`${folder}/src`, "a file"),
    message: /no folder can be made at /,
  },
];

for (const { what, remove, message } of LACKING) {
  Deno.test(`\`preBuild()\` registers nothing in a build that lacks ${what}`, async () => {
    await inBuild(async (scene) => {
      await remove(scene);
      await assert.rejects(preBuild(scene.deps), (error) => {
        assert.ok(error instanceof RunnerError);
        assert.match(error.message, message);
        return true;
      });
      assert.equal(scene.fake.count("create runner"), 0);
      assert.equal(await scene.deps.stateFile.read(), undefined);
    });
  });
}

Deno.test("`preBuild()` takes the Docker runner's image from the configuration, and pulls before it registers", async () => {
  await inBuild(async ({ deps, fake, folder }) => {
    await Deno.writeTextFile(`${folder}/bundle.json`, JSON.stringify({ type: "docker" }));
    const answers =
      `case $1 in info) echo '{"ServerVersion":"1"}' ;; *) echo "denied: $3" >&2; exit 1 ;; esac`;
    await writeScript(`${folder}/java/bin/docker`, answers);
    await assert.rejects(preBuild(deps), {
      message: "Cannot pull the runner image mirror/runner:6: denied: mirror/runner:6",
    });
    assert.equal(fake.count("create runner"), 0);
  }, { RUNNER_IMAGE: "mirror/runner:6" });
});

Deno.test("`preBuild()` gives the look for leftovers two seconds once the runner is online", async () => {
  await inBuild(async ({ deps, fake, host, said }) => {
    fake.plan({ route: "list runners", fault: { kind: "hang", acted: false }, times: 100 });
    await preBuild(deps);
    assert.equal(host.sleeps.at(-1), 2000);
    assert.equal(fake.count("list runners"), 1);
    assert.match(
      said(),
      /is online\n.*warning: Leftovers of earlier builds were not all removed: there was no time\n/,
    );
    assert.equal((await deps.stateFile.read())?.online, true);
  });
});

Deno.test("`preBuild()` leaves a runner of which only the age is known, since it may be at work", async () => {
  await inBuild(async ({ deps, fake }) => {
    const old = addOld(fake);
    await preBuild(deps);
    assert.deepEqual(fake.state.runners, [old, ...own(fake)]);
  });
});

const FULL = ["You have reached the limit of 100 runners", "Bad request"];

for (const words of FULL) {
  Deno.test(`\`preBuild()\` makes room and tries once more where Bitbucket answers 400, «${words}»`, async () => {
    await inBuild(async ({ deps, fake, said }) => {
      addOld(fake);
      fake.plan({
        route: "create runner",
        fault: { kind: "status", status: 400, body: errorBody(words) },
        times: 1,
      });
      await preBuild(deps);
      assert.equal(fake.count("create runner"), 2);
      assert.deepEqual(fake.state.runners, own(fake));
      const routes = fake.requests.map(({ route }) => route);
      assert.ok(routes.indexOf("delete runner") < routes.lastIndexOf("create runner"));
      assert.match(
        said(),
        /answered 400 .*; trying once more when leftovers of earlier builds are removed\n/,
      );
    });
  });
}

Deno.test("`preBuild()` fails with Bitbucket's own word when there is no room after all", async () => {
  await inBuild(async ({ deps, fake }) => {
    fake.plan({ route: "create runner", fault: { kind: "status", status: 400 }, times: 2 });
    await assert.rejects(preBuild(deps), { name: "ApiError", status: 400, hint: /100 runners each/ });
    assert.deepEqual(fake.state.runners, []);
  });
});

Deno.test("`preBuild()` does not try again where Bitbucket does not take the labels", async () => {
  await inBuild(async ({ deps, fake }) => {
    const body = errorBody("Invalid label: codebuild");
    fake.plan({ route: "create runner", fault: { kind: "status", status: 400, body }, times: 1 });
    await assert.rejects(preBuild(deps), { name: "ApiError", hint: /Check RUNNER_LABEL/ });
    assert.equal(fake.count("create runner"), 1);
  });
});

/** A runner of another build of this project, which has not been heard of for a year. */
function addOld({ state }: ClientSetup["fake"]) {
  const long = new Date(Date.now() - 365 * 24 * 3_600_000).toISOString();
  return state.addRunner({
    name: runnerName("app:00000000-0000-4000-8000-000000000002"),
    state: { status: "OFFLINE", updated_on: long },
    created_on: long,
  });
}

Deno.test("`preBuild()` registers several runners in the order of their numbers, each with a place of its own", async () => {
  await inBuild(async ({ deps, fake, folder }) => {
    fake.beforeAnswer = () => {
      for (const { state } of fake.state.runners) state.status = "ONLINE";
    };
    await preBuild(deps);
    const numbers = [1, 2, 3];
    assert.deepEqual(
      fake.state.runners.map(({ name }) => name),
      numbers.map((number) => runnerName(BUILD_ID, number)),
    );
    const states = await Promise.all(numbers.map((number) => deps.stateFile.numbered(number).read()));
    assert.deepEqual(states.map((state) => state?.runnerUuid), fake.state.runners.map(({ uuid }) => uuid));
    assert.deepEqual(states.map((state) => state?.logFile), [
      `${folder}/runner.log`,
      `${folder}/runner-2/runner.log`,
      `${folder}/runner-3/runner.log`,
    ]);
    assert.equal(new Set(states.map((state) => state?.workingDirectory)).size, 3);
    assert.deepEqual(states.map((state) => state?.times?.onlineMs !== undefined), [true, false, false]);
  }, { RUNNER_COUNT: "3" });
});

Deno.test("`preBuild()` registers none of several runners where there is no room on the disk for one", async () => {
  await inBuild(async ({ deps, fake, folder }) => {
    await Deno.mkdir(`${folder}/state-2.json.next/full`, { recursive: true });
    await assert.rejects(preBuild(deps), {
      name: "RunnerError",
      message: /^Cannot write \S+\/state-2\.json: /,
    });
    assert.equal(fake.count("create runner"), 0);
  }, { RUNNER_COUNT: "3" });
});
