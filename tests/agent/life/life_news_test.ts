import assert from "node:assert/strict";
import { advance, startLifecycle } from "../../../agent/life/lifecycle.ts";
import { lifeNews } from "../../../agent/life/life_news.ts";
import type { Lifecycle, LifecycleEvent } from "../../../agent/life/lifecycle_state.ts";
import {
  began,
  cleaned,
  closeAnswered,
  closeRefused,
  elsewhere,
  ended,
  exited,
  interrupted,
  OTHERS,
  OWN,
  OWN_PIPELINE,
  pipeline,
  seen,
  stopped,
  told,
  unregistered,
} from "./life_story.ts";

const SETTINGS = {
  mode: "multi-step",
  bitbucket: "asked",
  ownPipelineOnly: false,
  lingerMs: 1_800_000,
  pipelineUuid: OWN_PIPELINE,
  shortestLookMs: 10_000,
  idleTimeoutMs: Infinity,
  handsOver: true,
} as const;
const START = startLifecycle(SETTINGS, 0);
const UNASKED = startLifecycle({ ...SETTINGS, bitbucket: "never" }, 0);

/** Events that lead to the moment, the event, and what is said of it. */
const TABLE:
  readonly (readonly [before: LifecycleEvent[], event: LifecycleEvent, news: readonly string[]])[] = [
    [[], pipeline(), []],
    [[], began(OWN), ["Step {step} of this pipeline began"]],
    [[], began(OTHERS), ["Step {their-step} of another pipeline began"]],
    [[began(OWN)], began(OWN), []],
    [[began(OWN)], ended("PASSED"), ["Step {step} ended: PASSED"]],
    [[], told, ["The runner leaves: its build is ending"]],
    [[], closeAnswered("closed idle"), ["The runner is closed to new steps"]],
    [[], closeRefused("open idle"), ["Bitbucket does not close the runner to new steps; going on without"]],
    [[closeRefused("open idle")], closeRefused("open idle"), []],
    [[closeAnswered("closed idle")], seen("open idle"), [
      "The runner has been opened again, probably by its own heartbeat; closing it once more",
    ]],
    [[], pipeline("ended"), ["The pipeline has ended"]],
    [[], { type: "pipeline seen", over: "ended", failedRun: 1, stretch: 1 }, [
      "The pipeline has ended",
      "Staying 30 min for a rerun: «Rerun failed steps» in Bitbucket finds this runner, labels self.hosted, linux",
    ]],
    [[pipeline("at a manual gate")], pipeline("at a manual gate"), ["The pipeline waits at a manual gate"]],
    [[pipeline("ended")], elsewhere(1), [
      "Another runner may have served a step of this pipeline; staying a while for a step in return",
    ]],
    [[], exited, ["The runner leaves: it is gone", "The runner ended by itself"]],
    [[told, closeAnswered("closed busy"), seen("closed idle")], stopped, ["The runner is stopped"]],
    [[exited], unregistered, ["The runner is unregistered"]],
    [[began(OWN)], interrupted, [
      "The runner leaves: Interrupted by SIGTERM",
      "The runner stays as it is; the next phase, or the next build of this project, sees to it",
    ]],
  ];

Deno.test("`lifeNews()` says that the registration of a runner stays where nothing may remove it", () => {
  const stopping = [told, { type: "settled" } as const].reduce<Lifecycle>(
    (life, event) => advance(life, event, 1_000),
    UNASKED,
  );
  const clearing = advance(stopping, stopped, 2_000);
  assert.deepEqual(lifeNews(stopping, clearing), ["The runner is stopped"]);
  assert.deepEqual(lifeNews(clearing, advance(clearing, cleaned, 2_000)), [
    "Its registration stays, since nothing here may remove it: the next start of a runner does",
  ]);
});

for (const [before, event, news] of TABLE) {
  Deno.test(`\`lifeNews()\` says ${news.join(", and ") || `nothing of ${JSON.stringify(event)}`}`, () => {
    const life = before.reduce<Lifecycle>((state, one) => advance(state, one, 1_000), START);
    assert.deepEqual(lifeNews(life, advance(life, event, 2_000), ["self.hosted", "linux"]), news);
  });
}
