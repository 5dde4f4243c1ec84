import type { Build, KnownBuild } from "../../shared/aws/aws_codebuild.ts";
import { minutePrice, PRICES } from "../../shared/aws/prices.ts";
import { valueOr } from "../../shared/program/value_or.ts";
import { yesOrNo } from "../../shared/settings/parse_value.ts";
import type { StartConfig } from "../options/start_config.ts";
import { buildRunners } from "./build_runners.ts";
import { buildVariable } from "./build_variable.ts";
import type { Line } from "./line.ts";
import { phaseWord, waits } from "./phase_news.ts";
import { readyLabels } from "./ready_labels.ts";

/** How long the start has taken so far, in milliseconds. */
export interface StartTimes {
  /** Until StartBuild has given a build; most of it is waiting for room. */
  readonly startBuildMs: number;
  readonly allMs: number;
}

/**
 * What is said when the runner is online: what was waited for, how to ask for it, what it serves, and what it costs. Of several
 * machines `build` is the last that was waited for.
 */
export function onlineSummary(build: KnownBuild, config: StartConfig, times: StartTimes): Line[] {
  const { machines } = config;
  return [
    waited(build, times, machines),
    ...runsOn(build, config),
    serves(build, config),
    ...price(build, machines),
  ];
}

function waited(build: Build, { startBuildMs, allMs }: StartTimes, machines: number): Line {
  const startS = Math.round(startBuildMs / 1000);
  const parts: [phase: string, seconds: number][] = [
    ...(startS > 0 ? [["StartBuild", startS] as [string, number]] : []),
    ...waits(build),
  ];
  const allS = Math.round(allMs / 1000);
  const words = parts.map(([phase, seconds]) =>
    `${phase === "StartBuild" ? phase : phaseWord(phase)} ${seconds} s`
  );
  return {
    message: `Waited ${allS} s${machines === 1 ? "" : ` for ${machines} machines, for the last one`}` +
      `${words.length === 0 ? "" : `: ${words.join(", ")}`}`,
    fields: { durationS: allS, phases: Object.fromEntries(parts) },
  };
}

function runsOn(build: Build, config: StartConfig): Line[] {
  const labels = readyLabels(build, config);
  return labels === undefined ? [] : [{ message: `runs-on: [${labels.join(", ")}]`, fields: { labels } }];
}

/** What is to be warned of: a build that ends before its runner may stay no longer, or before it may be held no longer. */
export function timeoutWarning(build: Build, config: StartConfig): string | undefined {
  const linger = lingerMinutes(build, config);
  const { debugMinutes = 0 } = config;
  const most = build.timeoutInMinutes;
  if (most === undefined || linger + debugMinutes === 0 || linger + debugMinutes < most) return undefined;
  const wishes = [
    ...(linger > 0 ? [`the runner is to stay ${linger} min (--linger)`] : []),
    ...(debugMinutes > 0 ? [`the build is to be held ${debugMinutes} min (--debug-on-failure)`] : []),
  ];
  return `After a failure ${
    wishes.join(", then ")
  }, but the build's own timeout ends it after ${most} min in all: ` +
    "raise --timeout";
}

function lingerMinutes(build: Build, { lingerMinutes }: StartConfig): number {
  return lingerMinutes ?? Number(buildVariable(build, "RUNNER_LINGER") ?? 0);
}

function serves(build: KnownBuild, config: StartConfig): Line {
  const { multiStep, ownPipelineOnly, machines } = config;
  const chosen = (given: boolean | undefined, name: string) =>
    given ?? valueOr(false, () => yesOrNo(buildVariable(build, name) ?? "no"));
  const many = chosen(multiStep, "MULTI_STEP");
  const guarded = chosen(ownPipelineOnly, "RUNNER_OWN_PIPELINE_ONLY");
  const { length: runners } = buildRunners(build, config);
  const all = runners * machines;
  const who = all === 1 ? "It" : runners === 1 ? "Each of them" : `${all} runners are online; each`;
  const linger = lingerMinutes(build, config);
  const rerun = linger > 0 ? `, and after a failure stays ${linger} min for a rerun` : "";
  const what = many ? "the steps that ask for it, until the pipeline is over" : "one step that asks for it";
  const guard = guarded ? ", and nothing after a step of another pipeline" : "";
  return {
    message: `${who} serves ${what}${guard}${rerun}`,
    fields: {
      multiStep: many,
      ownPipelineOnly: guarded,
      lingerMinutes: linger,
      ...runners === 1 ? {} : { runners },
    },
  };
}

function price(build: Build, machines: number): Line[] {
  const found = minutePrice(build);
  if (found === undefined) return [];
  const { list, environmentType, computeType } = found;
  // A sum of decimal fractions has digits of its own.
  const dollars = Number((found.dollars * machines).toFixed(4));
  const costs = machines === 1
    ? `It costs about $${dollars} a minute`
    : `They cost about $${dollars} a minute, $${found.dollars} each`;
  return [{
    message: `${costs}: ${list}`,
    fields: { dollarsAMinute: dollars, environmentType, computeType, priceRegion: PRICES.region },
  }];
}
