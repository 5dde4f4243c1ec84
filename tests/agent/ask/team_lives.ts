import { advance, startLifecycle } from "../../../agent/life/lifecycle.ts";
import type { Lifecycle, LifecycleEvent, LifecycleSettings } from "../../../agent/life/lifecycle_state.ts";

export const OWN = "{own}";
export const MULTI_STEP: LifecycleSettings = {
  mode: "multi-step",
  bitbucket: "asked",
  ownPipelineOnly: false,
  pipelineUuid: OWN,
  shortestLookMs: 10_000,
  idleTimeoutMs: Infinity,
  lingerMs: 0,
  handsOver: true,
};

/** A life after what happened one second after the other. */
export function lifeAfter(...events: readonly LifecycleEvent[]): Lifecycle {
  return events.reduce<Lifecycle>(
    (life, event, index) => advance(life, event, (index + 1) * 1000),
    startLifecycle(MULTI_STEP, 0),
  );
}

export function begins(stepUuid: string, pipelineUuid = OWN): LifecycleEvent {
  return { type: "step started", step: { pipelineUuid, stepUuid } };
}
export const ENDS: LifecycleEvent = { type: "step completed", result: "PASSED" };
export const OVER: LifecycleEvent = { type: "pipeline seen", over: "ended", stretch: 1 };
/** Other pipelines go on. */
export const COMPANY: LifecycleEvent = { type: "others seen", unfinished: 1, ownEnded: true, stretch: 1 };
export const owing = (ranElsewhere: number): LifecycleEvent => ({ type: "elsewhere seen", ranElsewhere });
