import { type LogFormat, Logger } from "../../shared/output/log.ts";
import type { Redactor } from "../../shared/output/redact.ts";
import { writeObject } from "../../shared/output/write_line.ts";
import type { Host } from "../../shared/program/host.ts";
import { valueOr } from "../../shared/program/value_or.ts";
import { yesOrNo } from "../../shared/settings/parse_value.ts";
import { metricsLine } from "./metrics_line.ts";
import { timeline, timelineText } from "./timeline.ts";
import { numbersWithState, StateFile } from "../settings/state_file.ts";

export interface TimelineTelling {
  readonly host: Host;
  readonly format: LogFormat;
  readonly redactor: Redactor;
  /** The folder that the states are in. */
  readonly home: string;
}

/**
 * Tells once how the build's time went by, when its runner is gone. The build's end waits for it, so it is little; and since
 * nothing depends on it, variables are taken as they are, also where the configuration was refused.
 */
export async function tellTimeline({ host, format, redactor, home }: TimelineTelling): Promise<void> {
  const stateFile = new StateFile(home);
  const state = await stateFile.read();
  const others = (await numbersWithState(home)).map((number) => stateFile.numbered(number).read());
  const { times } = state ?? {};
  if (state === undefined || !(await Promise.all(others)).every((one) => one?.removed)) return;
  if (times?.onlineMs === undefined || times.told) return;
  const nowMs = host.now();
  const line = timeline(times, nowMs);
  new Logger(host, format, redactor).info(timelineText(line), {
    durationS: line.allS,
    idleS: line.idleS,
    timeline: line.stretches.map(({ name, seconds }) => ({ name, durationS: seconds })),
  });
  if (valueOr(false, () => yesOrNo(host.env["RUNNER_METRICS"] ?? "no"))) {
    const repository = host.env["RUNNER_REPOSITORY"] || host.env["REPO_UUID"] || "unknown";
    const buildId = host.env["CODEBUILD_BUILD_ID"] ?? "unknown";
    writeObject(host.stdout, metricsLine(line, times, { repository, buildId, nowMs }), redactor);
  }
  // A full disk must not turn a good build into a failed one.
  await stateFile.write({ ...state, times: { ...times, told: true } }).catch(() => {});
}
