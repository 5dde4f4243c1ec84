import assert from "node:assert/strict";
import type { AskedRunner } from "../../../agent/ask/ask_bitbucket.ts";
import { askTogether } from "../../../agent/ask/ask_together.ts";
import { StepResults } from "../../../agent/ask/step_results.ts";
import { type Meaning, type Member, Team } from "../../../agent/ask/team.ts";
import { advance } from "../../../agent/life/lifecycle.ts";
import type { Lifecycle, LifecycleEvent } from "../../../agent/life/lifecycle_state.ts";
import type { Action } from "../../../agent/life/next_action.ts";
import { type ClientSetup, clientSetup } from "../../fixtures/bitbucket_client_setup.ts";
import { begins, COMPANY, ENDS, lifeAfter, OVER, owing, OWN } from "./team_lives.ts";

interface OneOf extends Member {
  life: Lifecycle;
  /** Each event that was told to it, as it is when it takes it up. */
  readonly hear: () => (LifecycleEvent | undefined)[];
  readonly ask: (action: Action) => Promise<LifecycleEvent | undefined>;
}

interface Scene extends ClientSetup {
  readonly runners: readonly OneOf[];
  readonly results: StepResults;
  readonly clock: { now: number };
}

/** Runners of one build with these lives, at a Bitbucket that answers over real connections. */
async function together(lives: readonly Lifecycle[], body: (scene: Scene) => Promise<void>): Promise<void> {
  await using setup = await clientSetup();
  const { fake, bitbucket, log } = setup;
  const team = new Team();
  const results = new StepResults();
  const clock = { now: 60_000 };
  const runners = lives.map((life, index): OneOf => {
    const registered = fake.state.addRunner({ name: `r${index + 1}` });
    registered.state.status = "ONLINE";
    const { uuid } = registered;
    const runner = { ...registered, bitbucket, launcherStep: "{launcher}" } as unknown as AskedRunner;
    const told: Meaning[] = [];
    const one: OneOf = {
      uuid,
      life,
      tell: (meaning) => void told.push(meaning),
      hear: () => told.splice(0).map((meaning) => meaning(one)),
      ask: (action) =>
        askTogether(
          { log, runner, results, team, now: () => clock.now },
          one,
          action,
          new AbortController().signal,
        ),
    };
    team.join(one);
    return one;
  });
  await body({ ...setup, runners, results, clock });
}

function step(uuid: string, result?: string) {
  const state = result === undefined
    ? { name: "IN_PROGRESS" }
    : { name: "COMPLETED", result: { name: result } };
  return { uuid, state };
}

const IDLE = lifeAfter();
const SERVING = lifeAfter(begins("{a}"));
const WANTING = lifeAfter(OVER);
const COUNTING = lifeAfter(OVER, owing(2), COMPANY);
const LEAVING = lifeAfter({ type: "told to leave", why: "test" });

Deno.test("a look at the pipeline is told to all who stay and do not know that it is over", async () => {
  await together([IDLE, IDLE, SERVING, WANTING, LEAVING], async ({ runners, fake }) => {
    fake.state.pipelines = [{ uuid: OWN, state: { name: "COMPLETED" } }];
    const [asker, ...others] = runners;
    const event = await asker?.ask({ type: "look at pipeline" });
    assert.deepEqual(event, { type: "pipeline seen", over: "ended", failedRun: undefined, stretch: 1 });
    assert.deepEqual(others.map(({ hear }) => hear()), [[event], [event], [], []]);
  });
});

Deno.test("what runners of the build have served, or serve, is nobody's debt, and a debt is shared", async () => {
  const served = lifeAfter(begins("{b}"), ENDS, OVER);
  await together([WANTING, WANTING, SERVING, served, IDLE], async ({ runners, fake }) => {
    fake.state.steps = ["{launcher}", "{a}", "{b}", "{c}", "{d}"].map((uuid) => step(uuid, "SUCCESSFUL"));
    const [asker, ...others] = runners;
    const event = await asker?.ask({ type: "look elsewhere" });
    assert.deepEqual(event, owing(1));
    assert.deepEqual(others.map(({ hear }) => hear()), [[owing(1)], [], [owing(0)], []]);
    assert.equal(fake.count("list steps"), 1);
  });
});

Deno.test("all pipelines are looked at once for those that count, and those that are closed", async () => {
  const closed = advance(LEAVING, { type: "close answered", refused: false, runner: "unread" }, 59_000);
  await together([COUNTING, COUNTING, closed, closed, LEAVING, IDLE], async ({ runners, fake }) => {
    fake.state.pipelines = [{ uuid: "{other}", state: { name: "IN_PROGRESS" } }];
    const [asker, counting, one, other, open, idle] = runners;
    const event = await asker?.ask({ type: "look at others" });
    const heard = [counting, one, other, open, idle].map((runner) => runner?.hear());
    assert.deepEqual(heard, [[event], [event], [event], [], []]);
    assert.deepEqual(await one?.ask({ type: "look at others" }), event);
    assert.deepEqual([asker, other].map((runner) => runner?.hear()), [[event], [event]]);
    assert.equal(fake.count("list pipelines"), 2);
  });
});

Deno.test("a runner that was closed after a look was asked for asks itself whether it got a step until then", async () => {
  const closedAt = (at: number) =>
    advance(LEAVING, { type: "close answered", refused: false, runner: "unread" }, at);
  await together([closedAt(59_000), closedAt(60_001)], async ({ runners: [before, after], fake, clock }) => {
    const asked = [before, after].map((runner) => runner?.ask({ type: "look at others" }));
    const [event, nothing] = await Promise.all(asked);
    assert.deepEqual([event?.type, nothing], ["others seen", undefined]);
    clock.now = 60_002;
    assert.deepEqual(await after?.ask({ type: "look at others" }), event);
    assert.equal(fake.count("list pipelines"), 2);
  });
});

Deno.test("runners that are at work are looked at together, and each is told of itself", async () => {
  const other = lifeAfter(begins("{b}"));
  await together([SERVING, other, IDLE], async ({ runners, fake }) => {
    const [asker, beside, idle] = runners;
    fake.state.runners.forEach(({ state }, index) => Object.assign(state, { step: { uuid: `{s${index}}` } }));
    const seen = (stepUuid: string) => ({
      type: "runner seen",
      runner: { closed: false, busy: true, stepUuid },
    });
    assert.deepEqual(await asker?.ask({ type: "look at runner" }), seen("{s0}"));
    assert.deepEqual([beside?.hear(), idle?.hear()], [[seen("{s1}")], []]);
    assert.deepEqual([fake.count("list runners"), fake.count("get runner")], [1, 0]);
  });
});

Deno.test("a look from before a step began says nothing of it, be it asked for or told", async () => {
  await together([SERVING, SERVING], async ({ runners: [asker, beside], fake, clock }) => {
    assert.ok(asker && beside);
    await asker.ask({ type: "look at runner" });
    beside.life = advance(beside.life, begins("{next}"), clock.now + 1);
    assert.deepEqual(beside.hear(), [undefined]);
    asker.life = advance(asker.life, begins("{next}"), clock.now + 1);
    assert.equal((await asker.ask({ type: "look at runner" }))?.type, "runner seen");
    assert.equal(fake.count("get runner"), 1, "it is looked at by itself");
  });
});

Deno.test("a runner that the list of all does not hold is asked after by itself before it counts as gone", async () => {
  await together([SERVING, SERVING], async ({ runners: [asker, beside], fake }) => {
    fake.state.runners.shift();
    assert.deepEqual(await asker?.ask({ type: "look at runner" }), {
      type: "runner seen",
      runner: undefined,
    });
    assert.equal(fake.count("get runner"), 1);
    assert.equal(beside?.hear().length, 1);
  });
});

Deno.test("a runner that is idle or leaves is looked at by itself, as is one that is alone", async () => {
  await together([IDLE, LEAVING], async ({ runners, fake }) => {
    for (const { ask } of runners) await ask({ type: "look at runner" });
    assert.deepEqual([fake.count("list runners"), fake.count("get runner")], [0, 2]);
  });
  await together([SERVING], async ({ runners: [alone], fake }) => {
    await alone?.ask({ type: "look at runner" });
    assert.deepEqual([fake.count("list runners"), fake.count("get runner")], [0, 1]);
  });
});

Deno.test("steps that several ask after at once are listed once", async () => {
  await together([SERVING, SERVING], async ({ runners, fake, results }) => {
    fake.state.steps = [step("{a}", "SUCCESSFUL"), step("{b}")];
    const asked = runners.map(({ ask }, index) =>
      ask({ type: "look at step", step: { pipelineUuid: OWN, stepUuid: index === 0 ? "{a}" : "{b}" } })
    );
    assert.deepEqual(await Promise.all(asked), [
      { type: "step seen", completed: true, result: "SUCCESSFUL" },
      { type: "step seen", completed: false },
    ]);
    assert.equal(fake.count("list steps"), 1);
    assert.equal(results.of("{a}"), "SUCCESSFUL");
  });
});

Deno.test("a step that runs again is not over because it was over before", async () => {
  await together([SERVING, IDLE], async ({ runners: [serving, idle], fake }) => {
    const look: Action = { type: "look at step", step: { pipelineUuid: OWN, stepUuid: "{a}" } };
    fake.state.steps = [step("{a}", "FAILED")];
    await idle?.ask(look);
    fake.state.steps = [step("{a}")];
    assert.deepEqual(await serving?.ask(look), { type: "step seen", completed: false });
  });
});

Deno.test("a look that fails fails for all who wait for it", async () => {
  await together([IDLE, IDLE, IDLE], async ({ runners, fake }) => {
    fake.plan({ route: "get pipeline", fault: { kind: "status", status: 403 }, times: 1 });
    const [one, two, three] = runners;
    const asked = [one, two].map((runner) => runner?.ask({ type: "look at pipeline" }));
    const outcomes = await Promise.allSettled(asked);
    assert.deepEqual(outcomes.map(({ status }) => status), ["rejected", "rejected"]);
    assert.deepEqual(three?.hear(), []);
  });
});
