import type { Happening } from "../local_cloud/server/happenings.ts";

/** One bar of the picture; times in milliseconds since the pipeline's start. */
export interface Bar {
  readonly label: string;
  readonly from: number;
  readonly to: number;
  readonly kind: "cloud" | "self-hosted" | "build" | "runner" | "failed";
}

/** The bars of a pipeline, a build or a runner, in the order in which they began. */
export interface Rows {
  readonly title: string;
  readonly bars: readonly Bar[];
}

/** What the timeline of a play shows: the pipelines' steps, and of each build and runner how it spent its time. */
export function pictureRows(happenings: readonly Happening[]): Rows[] {
  const startedAt = happenings.find(({ type }) => type === "pipeline started")?.at ?? happenings[0]?.at ?? 0;
  const told = happenings.map((happening) => ({ ...happening, at: happening.at - startedAt }));
  const end = told.at(-1)?.at ?? 0;
  const builds = told.flatMap((happening) => happening.type === "build started" ? [happening.buildId] : []);
  const runners = told.flatMap((one) => one.type === "runner registered" ? [one.runnerUuid] : []);
  const groups = [
    { title: "Pipeline", bars: stepBars(told, end) },
    ...builds.map((id, index) => ({ title: numbered("Build", index), bars: buildBars(told, id, end) })),
    ...runners.map((id, index) => ({ title: numbered("Runner", index), bars: runnerBars(told, id, end) })),
  ];
  return groups.filter(({ bars }) => bars.length > 0);
}

function numbered(title: string, index: number): string {
  return index === 0 ? title : `${title} ${index + 1}`;
}

function stepBars(told: readonly Happening[], end: number): Bar[] {
  return told.flatMap((began) => {
    if (began.type !== "step started") return [];
    const ended = told.find((one) => one.type === "step ended" && one.stepUuid === began.stepUuid);
    const failed = ended?.type === "step ended" && ended.result !== "SUCCESSFUL";
    const kind = failed ? "failed" : began.runnerUuid === undefined ? "cloud" : "self-hosted";
    return [{ label: began.step, from: began.at, to: ended?.at ?? end, kind }];
  });
}

function buildBars(told: readonly Happening[], buildId: string, end: number): Bar[] {
  const phases = told.flatMap((one) => one.type === "build phase" && one.buildId === buildId ? [one] : []);
  return phases.filter(({ phase }) => phase !== "COMPLETED").map(({ phase, at }, index) => ({
    label: phase,
    from: at,
    to: phases[index + 1]?.at ?? end,
    kind: "build",
  }));
}

/** A runner starts, waits for steps and runs them in turn, and leaves. */
function runnerBars(told: readonly Happening[], runnerUuid: string, end: number): Bar[] {
  const steps = new Set<string>();
  const cuts = told.flatMap((one): { at: number; label: string | undefined; busy?: true }[] => {
    if (one.type === "step started" && one.runnerUuid === runnerUuid) {
      steps.add(one.stepUuid);
      return [{ at: one.at, label: `runs «${one.step}»`, busy: true }];
    }
    if (one.type === "step ended" && steps.has(one.stepUuid)) return [{ at: one.at, label: "waits" }];
    if (!("runnerUuid" in one) || one.runnerUuid !== runnerUuid) return [];
    if (one.type === "runner registered") return [{ at: one.at, label: "starts" }];
    if (one.type === "runner online") return [{ at: one.at, label: "waits for a step" }];
    return one.type === "runner unregistered" ? [{ at: one.at, label: undefined }] : [];
  });
  return cuts.flatMap(({ at, label, busy }, index) => {
    const next = cuts[index + 1];
    if (label === undefined) return [];
    // What it waits for after a step is seen in what comes then.
    const words = label === "waits" ? (next?.label === undefined ? "leaves" : "waits for a step") : label;
    return [{ label: words, from: at, to: next?.at ?? end, kind: busy ? "self-hosted" : "runner" }];
  });
}
