import assert from "node:assert/strict";
import { parseIdentities } from "../../../shared/settings/runner_identity.ts";
import { InterruptedError } from "../../../shared/program/errors.ts";
import {
  type FakeAws,
  type FakeAwsOptions,
  type Stage,
  startFakeAws,
} from "../../fixtures/servers/fake_aws.ts";
import { FakeBitbucket } from "../../fixtures/servers/fake_bitbucket.ts";
import {
  bitbucketEnvironment,
  type InProcessOptions,
  type Run,
  runInProcess,
  stepEnvironment,
} from "../../fixtures/programs/start_runner.ts";

const BUILD_UUID = "00000000-0000-4000-8000-000000000001";
const NAME = `${BUILD_UUID}-ci`;
const NEVER_READY: readonly Stage[] = [{ phase: "PROVISIONING" }];
const LONG_DEAD = { status: "OFFLINE", updated_on: "2026-01-01T00:00:00Z" };

interface Played {
  readonly run: Run;
  readonly aws: FakeAws;
  readonly bitbucket: FakeBitbucket;
  readonly variables: Readonly<Record<string, string>>;
}

interface Scene {
  readonly aws?: FakeAwsOptions;
  readonly before?: (bitbucket: FakeBitbucket) => void;
  readonly options?: InProcessOptions;
}

async function play(
  env: Record<string, string>,
  scene: Scene,
  judge: (played: Played) => void | Promise<void>,
): Promise<void> {
  await using bitbucket = await FakeBitbucket.start();
  // What a runner does, as soon as there is a build for it.
  const online = () => bitbucket.state.runners.forEach((runner) => runner.state.status = "ONLINE");
  await using aws = startFakeAws({
    beforeAnswer: (call) => call === "BatchGetBuilds" ? online() : undefined,
    ...scene.aws,
  });
  scene.before?.(bitbucket);
  const all = stepEnvironment(aws, { ...bitbucketEnvironment(bitbucket), ...env });
  const run = await runInProcess(all, { speed: 10, ...scene.options });
  const start = aws.calls.find(({ call }) => call === "StartBuild")?.input;
  const sent = (start?.["environmentVariablesOverride"] ?? []) as { name: string; value: string }[];
  const variables = Object.fromEntries(sent.map(({ name, value }) => [name, value]));
  await judge({ run, aws, bitbucket, variables });
}

const SECRETS = ["consumer-secret", "consumer-key"];

Deno.test("mode secret hands the credentials on, with a warning where nobody has asked for it", async () => {
  await play({}, {}, ({ run, variables }) => {
    assert.equal(variables["BITBUCKET_OAUTH_CLIENT_SECRET"], "consumer-secret");
    assert.match(run.stderr, /warning: Credentials \(secret\): .*set --credentials to «runner»/);
  });
  await play({ RUNNER_CREDENTIALS: "secret" }, {}, ({ run, variables }) => {
    assert.equal(variables["BITBUCKET_OAUTH_CLIENT_SECRET"], "consumer-secret");
    assert.doesNotMatch(run.stderr, /warning/);
  });
});

Deno.test("mode project hands nothing on, and asks Bitbucket nothing", async () => {
  await play({ RUNNER_CREDENTIALS: "project" }, {}, ({ run, aws, bitbucket }) => {
    assert.equal(run.code, 0, run.stderr);
    const sent = JSON.stringify(aws.calls);
    for (const secret of SECRETS) assert.ok(!sent.includes(secret), secret);
    assert.deepEqual(bitbucket.requests, []);
  });
});

Deno.test("mode token hands on a token made for the build, and nothing else of the credentials", async () => {
  await play({ RUNNER_CREDENTIALS: "token" }, {}, ({ run, aws, bitbucket, variables }) => {
    assert.equal(run.code, 0, run.stderr);
    const token = variables["BITBUCKET_ACCESS_TOKEN"] ?? "";
    assert.ok(token.length > 0);
    assert.equal(bitbucket.count("token"), 1);
    const sent = JSON.stringify(aws.calls);
    for (const secret of SECRETS) assert.ok(!sent.includes(secret), secret);
    assert.ok(!run.stderr.includes(token) && !run.stdout.includes(token));
    assert.match(run.stderr, /warning: The build's token lives about 120 minutes/);
  });
});

Deno.test("mode token ends at once where Bitbucket refuses the credentials, before any build", async () => {
  const before = (bitbucket: FakeBitbucket) =>
    bitbucket.plan({ route: "token", fault: { kind: "status", status: 401 }, times: 99 });
  await play({ RUNNER_CREDENTIALS: "token" }, { before }, ({ run, aws }) => {
    assert.equal(run.code, 3, run.stderr);
    assert.equal(aws.builds.length, 0);
  });
});

Deno.test("no build is started where Bitbucket cannot be asked for what it is to get, which has an exit code", async () => {
  const before = (bitbucket: FakeBitbucket) =>
    bitbucket.plan({ route: "token", fault: { kind: "status", status: 500 }, times: 99 });
  for (const RUNNER_CREDENTIALS of ["token", "runner"]) {
    await play({ RUNNER_CREDENTIALS }, { before }, ({ run, aws }) => {
      assert.equal(run.code, 4, run.stderr);
      assert.equal(aws.builds.length, 0);
    });
  }
});

Deno.test("mode runner registers a runner, hands on its identity alone, and names it after its build", async () => {
  await play(
    { RUNNER_CREDENTIALS: "runner", RUNNER_LABEL: "gpu" },
    {},
    ({ run, aws, bitbucket, variables }) => {
      assert.equal(run.code, 0, run.stderr);
      const [runner] = bitbucket.state.runners;
      assert.equal(runner?.name, NAME);
      assert.deepEqual(runner?.labels, ["self.hosted", "linux.shell", "codebuild", "gpu"]);
      const [identity] = parseIdentities(variables["RUNNER_IDENTITY"] ?? "");
      assert.deepEqual([identity?.uuid, identity?.type, identity?.arch], [runner?.uuid, "shell", "x86_64"]);
      const sent = JSON.stringify(aws.calls);
      for (const secret of SECRETS) assert.ok(!sent.includes(secret), secret);
      assert.ok(
        Object.keys(variables).every((name) => !name.startsWith("BITBUCKET_")),
        Object.keys(variables).join(),
      );
      // A token, the registration, the name, leftovers, and whether it is online.
      assert.equal(bitbucket.requests.length, 5, bitbucket.requests.map(({ route }) => route).join());
    },
  );
});

Deno.test("mode runner takes the architecture for its labels from the build's type or image", async () => {
  const cases = [
    [{ CODEBUILD_ENVIRONMENT_TYPE: "ARM_CONTAINER" }, "arm64"],
    [
      { CODEBUILD_IMAGE: "aws/codebuild/amazonlinux-aarch64-standard:3.0", RUNNER_TYPE: "docker" },
      "linux.arm64",
    ],
    [{ RUNNER_TYPE: "docker" }, "linux"],
  ] as const;
  for (const [env, label] of cases) {
    await play({ RUNNER_CREDENTIALS: "runner", ...env }, {}, ({ bitbucket }) => {
      assert.ok(bitbucket.state.runners[0]?.labels.includes(label), label);
    });
  }
});

Deno.test("mode runner calls a runner online only once Bitbucket does", async () => {
  let looks = 0;
  const before = (bitbucket: FakeBitbucket) =>
    bitbucket.beforeAnswer = (route) => {
      if (route !== "get runner") return;
      looks++;
      const [runner] = bitbucket.state.runners;
      if (runner !== undefined) runner.state.status = looks < 3 ? "UNREGISTERED" : "ONLINE";
    };
  await play({ RUNNER_CREDENTIALS: "runner" }, { before, aws: { beforeAnswer: () => {} } }, ({ run }) => {
    assert.equal(run.code, 0, run.stderr);
    assert.equal(looks, 3);
  });
});

Deno.test("mode runner takes a runner that has come and gone for one that was online", async () => {
  const before = (bitbucket: FakeBitbucket) =>
    bitbucket.beforeAnswer = (route) => {
      const [runner] = bitbucket.state.runners;
      if (route === "get runner" && runner !== undefined) runner.state.status = "OFFLINE";
    };
  await play({ RUNNER_CREDENTIALS: "runner" }, { before, aws: { beforeAnswer: () => {} } }, ({ run }) => {
    assert.equal(run.code, 0, run.stderr);
  });
});

Deno.test("mode runner goes by the agent's word where Bitbucket cannot be asked, and says so", async () => {
  const before = (bitbucket: FakeBitbucket) =>
    bitbucket.plan({ route: "get runner", fault: { kind: "status", status: 502 }, times: 99 });
  await play({ RUNNER_CREDENTIALS: "runner" }, { before }, ({ run }) => {
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stderr, /warning: Cannot get runner: .*; going by the agent's word/);
  });
});

Deno.test("mode runner fails where somebody has deleted the runner meanwhile", async () => {
  const before = (bitbucket: FakeBitbucket) =>
    bitbucket.beforeAnswer = (route) => {
      if (route === "get runner") bitbucket.state.runners.length = 0;
    };
  await play({ RUNNER_CREDENTIALS: "runner" }, { before, aws: { beforeAnswer: () => {} } }, ({ run }) => {
    assert.equal(run.code, 1, run.stderr);
    assert.match(run.stderr, /error: Bitbucket does not know the runner .* any more/);
  });
});

Deno.test("mode runner removes its runner again when no build can be started", async () => {
  const aws: FakeAwsOptions = { lasting: { StartBuild: { error: "AccessDeniedException", status: 403 } } };
  await play({ RUNNER_CREDENTIALS: "runner" }, { aws }, ({ run, bitbucket }) => {
    assert.equal(run.code, 3, run.stderr);
    assert.deepEqual(bitbucket.state.runners, []);
  });
});

Deno.test("mode runner removes its runner again when the build comes to nothing", async () => {
  const endings: readonly (readonly [readonly Stage[], Record<string, string>, number])[] = [
    [NEVER_READY, { STARTUP_TIMEOUT: "5" }, 6],
    [[{ ended: "FAILED", phase: "INSTALL" }], {}, 5],
  ];
  for (const [stages, env, code] of endings) {
    await play(
      { RUNNER_CREDENTIALS: "runner", ...env },
      { aws: { stages, beforeAnswer: () => {} } },
      ({ run, bitbucket }) => {
        assert.equal(run.code, code, run.stderr);
        assert.deepEqual(bitbucket.state.runners, [], run.stderr);
      },
    );
  }
});

Deno.test("mode runner removes its runner again when a signal comes", async () => {
  for (const moment of ["StartBuild", "BatchGetBuilds"] as const) {
    const interruption = new AbortController();
    const aws: FakeAwsOptions = {
      stages: NEVER_READY,
      beforeAnswer: (call) => {
        if (call === moment) interruption.abort(new InterruptedError("SIGTERM"));
      },
    };
    const options = { signal: interruption.signal };
    await play({ RUNNER_CREDENTIALS: "runner" }, { aws, options }, ({ run, aws, bitbucket }) => {
      assert.equal(run.code, 143, run.stderr);
      assert.equal(aws.running().length, 0);
      assert.deepEqual(bitbucket.state.runners, [], run.stderr);
    });
  }
});

Deno.test("mode runner removes what earlier starts of the project left, and nothing of others", async () => {
  const before = (bitbucket: FakeBitbucket) => {
    bitbucket.state.addRunner({ name: "99999999-0000-4000-8000-000000000001-ci", state: LONG_DEAD });
    bitbucket.state.addRunner({ name: "99999999-0000-4000-8000-000000000001-other", state: LONG_DEAD });
    bitbucket.state.addRunner({ name: "start-0123456789ab-ci", state: LONG_DEAD });
    bitbucket.state.addRunner({ name: "start-0123456789ab-ci" });
  };
  // Age alone tells, since CodeBuild knows none of those builds: two looks 31 s apart.
  const queued: Stage[] = Array.from({ length: 9 }, () => ({ phase: "QUEUED" }));
  const online: Stage = {
    phase: "BUILD",
    done: ["SUBMITTED", "QUEUED", "PROVISIONING", "INSTALL", "PRE_BUILD"],
  };
  const own = (bitbucket: FakeBitbucket) => () => {
    for (const runner of bitbucket.state.runners) if (runner.name === NAME) runner.state.status = "ONLINE";
  };
  let woken = () => {};
  const aws: FakeAwsOptions = { stages: [...queued, online], beforeAnswer: () => woken() };
  await play({ RUNNER_CREDENTIALS: "runner" }, {
    aws,
    before: (bitbucket) => {
      before(bitbucket);
      woken = own(bitbucket);
    },
  }, ({ run, bitbucket }) => {
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual(
      bitbucket.state.runners.map(({ name, state }) => [name, state.status]),
      [
        ["99999999-0000-4000-8000-000000000001-other", "OFFLINE"],
        ["start-0123456789ab-ci", "UNREGISTERED"],
        [NAME, "ONLINE"],
      ],
      run.stderr,
    );
  });
});

Deno.test("mode runner names its runner also where its build is online as soon as it is known", async () => {
  const aws: FakeAwsOptions = { stages: [{ phase: "BUILD" }], lasting: { StartBuild: "reset after" } };
  await play({ RUNNER_CREDENTIALS: "runner" }, { aws }, ({ run, bitbucket }) => {
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stderr, /although its answer got lost/);
    assert.equal(bitbucket.state.runners[0]?.name, NAME, run.stderr);
  });
});

Deno.test("mode runner goes on where Bitbucket does not rename runners", async () => {
  const before = (bitbucket: FakeBitbucket) =>
    bitbucket.plan({ route: "update runner", fault: { kind: "status", status: 400 }, times: 99 });
  await play({ RUNNER_CREDENTIALS: "runner" }, { before }, ({ run, bitbucket }) => {
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stderr, /warning: Cannot rename runner: .*; it keeps the name start-[0-9a-f]{12}-ci/);
    assert.match(bitbucket.state.runners[0]?.name ?? "", /^start-/);
  });
});

const FULL = Array.from({ length: 97 }, (_, index) => `other-${index}`);
const names = (bitbucket: FakeBitbucket) => bitbucket.state.runners.map(({ name }) => name);

for (const [count, sizes] of [[4, [4]], [20, [16, 4]]] as const) {
  Deno.test(`mode runner registers ${count} runners, hands all identities on, names each and waits for all`, async () => {
    const env = { RUNNER_CREDENTIALS: "runner", RUNNER_COUNT: `${count}`, RUNNER_LABEL: "gpu" };
    await play(env, {}, ({ run, aws, bitbucket, variables }) => {
      assert.equal(run.code, 0, run.stderr);
      const { runners } = bitbucket.state;
      const expected = Array.from(
        { length: count },
        (_, index) => index === 0 ? NAME : `${BUILD_UUID}.${index + 1}-ci`,
      );
      assert.deepEqual(names(bitbucket).sort(), [...expected].sort());
      assert.equal(variables["RUNNER_COUNT"], `${count}`);
      const sent = ["RUNNER_IDENTITY", "RUNNER_IDENTITY_2"].flatMap((name) =>
        variables[name] === undefined ? [] : [parseIdentities(variables[name])]
      );
      assert.deepEqual(sent.map(({ length }) => length), sizes);
      // In the order of their numbers: the agent takes them by number.
      const named = sent.flat().map(({ uuid }) => runners.find((runner) => runner.uuid === uuid)?.name);
      assert.deepEqual(named, expected);
      assert.match(run.stderr, new RegExp(`starts ${count} shell runners for`));
      assert.match(
        run.stderr,
        new RegExp(`${count} runners are registered here, and their identities alone`),
      );
      assert.match(run.stderr, new RegExp(`Registered ${count} runners with labels self.hosted, .*gpu`));
      assert.match(
        run.stderr,
        new RegExp(`${count} runners are online; each serves one step that asks for it`),
      );
      assert.equal(run.stdout.match(/^Runner online: /gm)?.length, count, run.stdout);
      for (const { uuid } of runners) {
        assert.ok(!`${run.stdout}${run.stderr}`.includes(`secret-of-runner-${uuid}`));
      }
      for (const secret of SECRETS) assert.ok(!JSON.stringify(aws.calls).includes(secret), secret);
      // A token, and for each its registration, its name and whether it is online; leftovers, on one page or more.
      assert.equal(bitbucket.count("create runner") + bitbucket.count("token"), count + 1);
      assert.ok(bitbucket.requests.length <= 4 + 3 * count, `${bitbucket.requests.length} requests`);
    });
  });
}

Deno.test("mode runner calls a start online only once Bitbucket does so of every runner", async () => {
  let looks = 0;
  const before = (bitbucket: FakeBitbucket) =>
    bitbucket.beforeAnswer = (route) => {
      if (route !== "get runner") return;
      looks++;
      for (const [index, { state }] of bitbucket.state.runners.entries()) {
        state.status = index === 2 && looks < 8 ? "UNREGISTERED" : "ONLINE";
      }
    };
  const env = { RUNNER_CREDENTIALS: "runner", RUNNER_COUNT: "4" };
  await play(env, { before, aws: { beforeAnswer: () => {} } }, ({ run }) => {
    assert.equal(run.code, 0, run.stderr);
    assert.ok(looks >= 8, `${looks} looks`);
  });
});

Deno.test("mode runner fails where one of several runners is deleted meanwhile, and removes the others", async () => {
  const before = (bitbucket: FakeBitbucket) =>
    bitbucket.beforeAnswer = (route) => {
      if (route === "get runner" && bitbucket.state.runners.length === 3) {
        bitbucket.state.runners.splice(1, 1);
      }
    };
  const aws: FakeAwsOptions = { stages: NEVER_READY, beforeAnswer: () => {} };
  const online = { stages: [{ phase: "BUILD" }] as const, beforeAnswer: () => {} };
  const env = { RUNNER_CREDENTIALS: "runner", RUNNER_COUNT: "3" };
  await play(env, { before, aws: online }, ({ run }) => {
    assert.equal(run.code, 1, run.stderr);
    assert.match(run.stderr, /error: Bitbucket does not know the runner .* any more/);
  });
  await play({ ...env, STARTUP_TIMEOUT: "5" }, { aws }, ({ run, bitbucket }) => {
    assert.equal(run.code, 6, run.stderr);
    assert.deepEqual(names(bitbucket), [], run.stderr);
  });
});

Deno.test("mode runner removes all it has registered when a later registration fails, and says how many there are", async () => {
  const before = (bitbucket: FakeBitbucket) => FULL.forEach((name) => bitbucket.state.addRunner({ name }));
  await play({ RUNNER_CREDENTIALS: "runner", RUNNER_COUNT: "8" }, { before }, ({ run, aws, bitbucket }) => {
    assert.equal(run.code, 4, run.stderr);
    assert.equal(aws.builds.length, 0);
    assert.deepEqual(names(bitbucket), FULL);
    assert.match(
      run.stderr,
      /error: Cannot create runner: .*Runner limit exceeded.*, with 3 of 8 runners registered; the repository has 100 of at most 100 runners by now/,
    );
    assert.match(run.stderr, /hint: A repository and a workspace hold 100 runners each: remove runners/);
  });
});

Deno.test("mode runner removes all its runners again when no build can be started, or a signal comes", async () => {
  const env = { RUNNER_CREDENTIALS: "runner", RUNNER_COUNT: "18" };
  const refused: FakeAwsOptions = {
    lasting: { StartBuild: { error: "AccessDeniedException", status: 403 } },
  };
  await play(env, { aws: refused }, ({ run, bitbucket }) => {
    assert.equal(run.code, 3, run.stderr);
    assert.deepEqual(names(bitbucket), [], run.stderr);
  });
  for (const moment of [3, 18]) {
    const interruption = new AbortController();
    const before = (bitbucket: FakeBitbucket) =>
      bitbucket.beforeAnswer = () => {
        if (bitbucket.count("create runner") >= moment) interruption.abort(new InterruptedError("SIGTERM"));
      };
    await play(env, { before, options: { signal: interruption.signal } }, ({ run, bitbucket }) => {
      assert.equal(run.code, 143, run.stderr);
      assert.deepEqual(names(bitbucket), [], run.stderr);
    });
  }
});

Deno.test("mode runner leaves a busy one of several runners to a build that may still run", async () => {
  const before = (bitbucket: FakeBitbucket) =>
    bitbucket.beforeAnswer = (route) => {
      const [first] = bitbucket.state.runners;
      if (route === "get runner" && first !== undefined) first.state.step = { uuid: "{s}" };
    };
  const aws: FakeAwsOptions = { lasting: { StartBuild: { error: "AccessDeniedException", status: 403 } } };
  await play({ RUNNER_CREDENTIALS: "runner", RUNNER_COUNT: "3" }, { before, aws }, ({ run, bitbucket }) => {
    assert.equal(bitbucket.state.runners.length, 1, run.stderr);
    assert.match(run.stderr, /Runner start-[0-9a-f]{12}-ci has a step, and is left/);
  });
});
