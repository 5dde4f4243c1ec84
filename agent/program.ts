import { absentBitbucket } from "../shared/bitbucket/absent_bitbucket.ts";
import type { Bitbucket } from "../shared/bitbucket/bitbucket.ts";
import type { HeldToken } from "../shared/calls/identity.ts";
import { ConfigurationError, EXIT_CODES, messageOf } from "../shared/program/errors.ts";
import { type FailureReport, interruptionIn, reportFailure } from "../shared/output/failure.ts";
import type { Host } from "../shared/program/host.ts";
import { type LogFormat, Logger } from "../shared/output/log.ts";
import { shortened } from "../shared/output/plain_text.ts";
import type { Redactor } from "../shared/output/redact.ts";
import { closestWord } from "../shared/settings/closest_word.ts";
import { SEALED_VARIABLE } from "../shared/settings/forwarded_variables.ts";
import { valueOr } from "../shared/program/value_or.ts";
import { versionLine } from "../shared/program/version.ts";
import { writePage } from "../shared/output/write_line.ts";
import { redactorFor } from "../shared/settings/known_secrets.ts";
import {
  type AgentConfig,
  agentSettings,
  DEFAULT_RUNNER_HOME,
  readAgentConfig,
} from "./settings/agent_settings.ts";
import { agentHelp } from "./settings/agent_help.ts";
import type { StateSecrets } from "./settings/agent_schema.ts";
import type { HoldOrder } from "./hold/hold_build.ts";
import type { PhaseDeps } from "./phases/phase.ts";
import { numbersWithState, StateFile } from "./settings/state_file.ts";
import { tellTimeline } from "./times/tell_timeline.ts";

const PHASES: Readonly<Record<string, () => Promise<(deps: PhaseDeps) => Promise<void>>>> = {
  pre_build: async () => (await import("./phases/pre_build.ts")).preBuild,
  build: async () => (await import("./phases/build.ts")).build,
  post_build: async () => (await import("./phases/post_build.ts")).postBuild,
};

/** Runs the agent with the given arguments and returns its exit code; failures are worded here and nowhere else. */
export async function runAgent(host: Host, args: readonly string[], signal: AbortSignal): Promise<number> {
  const redactor = redactorFor(agentSettings, host.env);
  try {
    const phase = parsePhase(host, args);
    if (phase === undefined) return EXIT_CODES.ok;
    const ending = phase === PHASES["post_build"];
    if (!ending || !await nothingLeft(host)) {
      const run = await phase();
      await run(await phaseDeps(host, redactor, signal));
    }
    if (ending) {
      await tellTimeline({
        host,
        format: givenFormat(host),
        redactor,
        home: homeOf(host),
      });
    }
    return EXIT_CODES.ok;
  } catch (error) {
    const report = { host, format: givenFormat(host), redactor };
    const exitCode = reportFailure(interruptionIn(error, signal) ?? error, report);
    // Told first: whoever follows the log learns at once why the build is held.
    if (!signal.aborted) await holdFailed(report, { phase: args[0] ?? "", exitCode, signal });
    return exitCode;
  }
}

/** After these somebody may want to look into the build; when the last one fails, all has been seen. */
const HELD_PHASES = ["pre_build", "build"];

/** Holds a build that has failed, where that is asked for; one whose configuration was refused may ask for it too. */
async function holdFailed(
  { host, format, redactor }: FailureReport & { readonly host: Host },
  failed: Pick<HoldOrder, "phase" | "exitCode" | "signal">,
): Promise<void> {
  const { fallback, parse, variables: [name] } = agentSettings.debugMinutes;
  const minutes = valueOr(fallback, () => parse(host.env[name] || String(fallback)));
  if (minutes === 0 || !HELD_PHASES.includes(failed.phase)) return;
  const { holdBuild } = await import("./hold/hold_build.ts");
  const removeRunner = async () => {
    if (!await nothingLeft(host)) {
      const { postBuild } = await import("./phases/post_build.ts");
      await postBuild(await phaseDeps(host, redactor, failed.signal));
    }
    // Whatever time the build is held is no idle runner's.
    await tellTimeline({ host, format, redactor, home: homeOf(host) });
  };
  await holdBuild({ ...failed, host, minutes, log: new Logger(host, format, redactor), removeRunner });
}

/** A configuration that is refused has no format, so it is looked up on its own. */
function givenFormat(host: Host): LogFormat {
  return host.env["LOG_FORMAT"] === "json" ? "json" : "text";
}

/** The phase asked for; undefined when the answer has been given already. */
function parsePhase(host: Host, args: readonly string[]): (typeof PHASES)[string] | undefined {
  const [word, ...surplus] = args;
  if (args.includes("--help") || args.includes("-h")) return answer(host, agentHelp());
  if (args.includes("--version")) return answer(host, `${versionLine("codebuild-agent")}\n`);
  const phase = Object.hasOwn(PHASES, word ?? "") ? PHASES[word ?? ""] : undefined;
  if (phase !== undefined && surplus.length === 0) return phase;
  const what = phase !== undefined
    ? `There is nothing to do with «${shortened(surplus.join(" "))}»`
    : word === undefined
    ? "No phase is given"
    : `There is no phase «${shortened(word)}»`;
  const phases = Object.keys(PHASES);
  const meant = word === undefined || phase !== undefined ? undefined : closestWord(word, phases);
  const advice = meant === undefined
    ? `codebuild-agent takes one of ${phases.join(", ")}`
    : `did you mean ${meant}?`;
  throw new ConfigurationError([`${what}: ${advice}`], { hint: "See codebuild-agent --help" });
}

function answer(host: Host, text: string): undefined {
  writePage(host.stdout, text);
}

/**
 * Whether post_build is done before it begins, as it is after every good build: nothing more is loaded then, since
 * the build's end waits for it. A build whose configuration was refused need not hear all of that twice either.
 */
async function nothingLeft(host: Host): Promise<boolean> {
  const numbers = await numbersWithState(homeOf(host));
  const removed = numbers.map(async (number) => {
    const state = await new StateFile(homeOf(host), number).read();
    return state === undefined || state.removed;
  });
  // One that cannot be read stands for a runner too; the phase says so.
  return (await Promise.allSettled(removed)).every((one) => one.status === "fulfilled" && one.value);
}

async function phaseDeps(host: Host, redactor: Redactor, signal: AbortSignal): Promise<PhaseDeps> {
  const stateFile = new StateFile(homeOf(host));
  const warnings: string[] = [];
  const { token, opened: handedOn, runners } = await leftSecrets(stateFile, homeOf(host), warnings);
  const opened = handedOn ?? await openedSecrets(host, signal);
  const config = readAgentConfig({ ...host.env, ...opened });
  const { oauthClientSecret, accessToken, apiToken, identities } = config;
  const ofRunners = [...identities.map(({ clientSecret }) => clientSecret), ...runners.values()];
  const secrets = [oauthClientSecret, accessToken, apiToken, ...ofRunners];
  for (const secret of [...secrets, ...Object.values(opened ?? {})]) redactor.add(secret);
  const log = new Logger(host, config.logFormat, redactor, config);
  for (const warning of warnings) log.warning(warning);
  const bitbucket = await connect(host, config, log, token);
  // The phase has loaded it.
  const { machineLooks } = await import("./phases/launch_runner.ts");
  const machine = machineLooks(host);
  return { host, config, log, bitbucket, stateFile, runnerSecrets: runners, opened, machine, signal };
}

/** What the phase before has handed to this one; of files that still hold it, `warnings` tell. */
async function leftSecrets(stateFile: StateFile, home: string, warnings: string[]) {
  const runners = new Map<number, string>();
  let first: StateSecrets = {};
  for (const number of await numbersWithState(home)) {
    const onKept = (error: unknown) => warnings.push(messageOf(error));
    // The phase says what cannot be read.
    const left = await stateFile.numbered(number).takeSecrets(onKept).catch((): StateSecrets => ({}));
    if (left.runner !== undefined) runners.set(number, left.runner);
    if (number === 1) first = left;
  }
  return { token: first.token, opened: first.opened, runners };
}

/** What start-runner has sealed; a build that has nothing of the kind loads nothing for it. */
async function openedSecrets(
  host: Host,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>> | undefined> {
  if (!host.env[SEALED_VARIABLE]) return undefined;
  const { openSealed } = await import("./phases/open_sealed.ts");
  return await openSealed(host, signal);
}

async function connect(
  host: Host,
  config: AgentConfig,
  log: Logger,
  heldToken: HeldToken | undefined,
): Promise<Bitbucket> {
  const { credentials } = config;
  if (credentials === undefined) return absentBitbucket();
  const { createBitbucket } = await import("../shared/bitbucket/bitbucket_client.ts");
  return createBitbucket(host, { ...config, credentials, heldToken, log });
}

function homeOf(host: Host): string {
  return host.env["RUNNER_HOME"] || DEFAULT_RUNNER_HOME;
}
