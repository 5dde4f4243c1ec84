import type { BuildTimes } from "../settings/agent_schema.ts";

/** A stretch of a build's time; several may be of one kind. */
export interface Stretch {
  readonly name: string;
  /** Whether the runner was online in it without a step. */
  readonly idle: boolean;
  readonly seconds: number;
}

/** How a build's time went by, in the order in which it did. */
export interface Timeline {
  readonly stretches: readonly Stretch[];
  readonly allS: number;
  readonly idleS: number;
  /** Undefined where no step was served. */
  readonly stepS: number | undefined;
  readonly onlineS: number | undefined;
}

/** Takes a build's time apart, from what is known of it to its end; what is not known is left out or told as one. */
export function timeline(times: BuildTimes, endMs: number): Timeline {
  const { startedMs, begunMs, onlineMs, steps } = times;
  const online = stretch("online", begunMs, onlineMs);
  const after = steps === undefined ? stretch("idle", onlineMs, endMs, true) : [
    ...stretch("idle before the step", onlineMs, steps.firstMs, true),
    { name: "step", idle: false, seconds: toSeconds(steps.busyMs) },
    ...betweenSteps(steps),
    ...stretch("tail", steps.lastMs, endMs, true),
  ];
  const stretches = [...beforeAgent(times), ...online, ...after];
  const idle = stretches.filter((one) => one.idle).map(({ seconds }) => seconds);
  return {
    stretches,
    allS: toSeconds(Math.max(endMs - (startedMs ?? begunMs ?? endMs), 0)),
    idleS: rounded(idle.reduce((sum, seconds) => sum + seconds, 0)),
    stepS: steps === undefined ? undefined : toSeconds(steps.busyMs),
    onlineS: online[0]?.seconds,
  };
}

/** «Timeline: before install 7 s, install 2 s, online 5 s, … in all 63 s, 4 % of it idle». */
export function timelineText({ stretches, allS, idleS }: Timeline): string {
  const parts = stretches.map(({ name, seconds }) => `${name} ${shown(seconds)} s`);
  const share = allS > 0 ? `, ${Math.round(Math.min(idleS / allS, 1) * 100)} % of it idle` : "";
  return `Timeline: ${parts.join(", ")}; in all ${shown(allS)} s${share}`;
}

function shown(seconds: number): number {
  return seconds < 10 ? seconds : Math.round(seconds);
}

/** CodeBuild tells a build neither how long it waited in the queue nor for its machine, unless it is asked. */
function beforeAgent({ startedMs, installMs, begunMs, queuedS, provisioningS }: BuildTimes): Stretch[] {
  if (startedMs === undefined || begunMs === undefined) return stretch("install", installMs, begunMs);
  if (queuedS === undefined || provisioningS === undefined) {
    return installMs === undefined
      ? stretch("before the agent", startedMs, begunMs)
      : [...stretch("before install", startedMs, installMs), ...stretch("install", installMs, begunMs)];
  }
  return [
    { name: "queued", idle: false, seconds: queuedS },
    { name: "provisioning", idle: false, seconds: provisioningS },
    ...stretch("install", startedMs + (queuedS + provisioningS) * 1000, begunMs),
  ];
}

function betweenSteps({ firstMs, lastMs, busyMs }: NonNullable<BuildTimes["steps"]>): Stretch[] {
  const seconds = toSeconds(lastMs - firstMs - busyMs);
  return seconds > 0 ? [{ name: "idle between steps", idle: true, seconds }] : [];
}

/** A clock that was set meanwhile makes no stretch. */
function stretch(
  name: string,
  fromMs: number | undefined,
  toMs: number | undefined,
  idle = false,
): Stretch[] {
  if (fromMs === undefined || toMs === undefined || toMs < fromMs) return [];
  return [{ name, idle, seconds: toSeconds(toMs - fromMs) }];
}

function toSeconds(ms: number): number {
  return rounded(ms / 1000);
}

/** Clocks of three machines tell no more than tenths. */
function rounded(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}
