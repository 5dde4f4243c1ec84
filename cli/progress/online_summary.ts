import type { Build } from "../../shared/aws/aws_codebuild.ts";
import { valueOr } from "../../shared/program/value_or.ts";
import { yesOrNo } from "../../shared/settings/parse_value.ts";
import { listPrice, PRICES } from "../facts/prices.ts";
import type { StartConfig } from "../options/start_config.ts";
import { buildVariable } from "./build_variable.ts";
import type { Line } from "./line.ts";
import { phaseWord, waits } from "./phase_news.ts";
import { readyLabels } from "./ready_labels.ts";
import { sizeWord } from "./size_word.ts";

/** How long the start has taken so far, in milliseconds. */
export interface StartTimes {
  /** Until StartBuild has given a build; most of it is waiting for room. */
  readonly startBuildMs: number;
  readonly allMs: number;
}

/** What is said when the runner is online: what was waited for, how to ask for it, what it serves, and what it costs. */
export function onlineSummary(build: Build, config: StartConfig, times: StartTimes): Line[] {
  return [waited(build, times), ...runsOn(build, config), serves(build, config), ...price(build)];
}

function waited(build: Build, { startBuildMs, allMs }: StartTimes): Line {
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
    message: `Waited ${allS} s${words.length === 0 ? "" : `: ${words.join(", ")}`}`,
    fields: { durationS: allS, phases: Object.fromEntries(parts) },
  };
}

function runsOn(build: Build, config: StartConfig): Line[] {
  const labels = readyLabels(build, config);
  return labels === undefined ? [] : [{ message: `runs-on: [${labels.join(", ")}]`, fields: { labels } }];
}

/** What is to be warned of: a build that ends before its runner may stay no longer. */
export function lingerWarning(build: Build, config: StartConfig): string | undefined {
  const minutes = lingerMinutes(build, config);
  const most = build.timeoutInMinutes;
  if (most === undefined || !(minutes > 0 && minutes >= most)) return undefined;
  return `The runner is to stay ${minutes} min after a failure (--linger), but the build's own timeout ends it after ` +
    `${most} min in all: raise --timeout`;
}

function lingerMinutes(build: Build, { lingerMinutes }: StartConfig): number {
  return lingerMinutes ?? Number(buildVariable(build, "RUNNER_LINGER") ?? 0);
}

function serves(build: Build, config: StartConfig): Line {
  const { multiStep, ownPipelineOnly } = config;
  const chosen = (given: boolean | undefined, name: string) =>
    given ?? valueOr(false, () => yesOrNo(buildVariable(build, name) ?? "no"));
  const many = chosen(multiStep, "MULTI_STEP");
  const guarded = chosen(ownPipelineOnly, "RUNNER_OWN_PIPELINE_ONLY");
  const linger = lingerMinutes(build, config);
  const rerun = linger > 0 ? `, and after a failure stays ${linger} min for a rerun` : "";
  const what = many ? "the steps that ask for it, until the pipeline is over" : "one step that asks for it";
  return {
    message: `It serves ${what}${guarded ? ", and nothing after a step of another pipeline" : ""}${rerun}`,
    fields: { multiStep: many, ownPipelineOnly: guarded, lingerMinutes: linger },
  };
}

/** Silent where nobody knows: machines of a fleet are paid for in another way. */
function price({ environment }: Build): Line[] {
  if (environment?.fleet?.fleetArn !== undefined) return [];
  const { type, computeType } = environment ?? {};
  const found = listPrice({ environmentType: type, computeType });
  if (found === undefined || type === undefined || computeType === undefined) return [];
  return [{
    message: `It costs about $${found.dollars} a minute: list price of ${type} ${sizeWord(computeType)} in ` +
      `${PRICES.region}, ${PRICES.asOf}${found.certain ? "" : ", from second-hand sources"}`,
    fields: { dollarsAMinute: found.dollars, environmentType: type, computeType, priceRegion: PRICES.region },
  }];
}
