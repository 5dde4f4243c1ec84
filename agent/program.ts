import { ConfigurationError, EXIT_CODES } from "../shared/program/errors.ts";
import { interruptionIn, reportFailure } from "../shared/program/failure.ts";
import type { Host } from "../shared/program/host.ts";
import { Logger } from "../shared/program/log.ts";
import type { Redactor } from "../shared/program/redact.ts";
import { shortened } from "../shared/program/plain_text.ts";
import { versionLine } from "../shared/program/version.ts";
import { writePage } from "../shared/program/write_line.ts";
import { redactorFor } from "../shared/settings/known_secrets.ts";
import {
  type AgentConfig,
  agentSettings,
  DEFAULT_RUNNER_HOME,
  readAgentConfig,
} from "./settings/agent_settings.ts";
import { agentHelp } from "./settings/agent_help.ts";
import type { PhaseDeps } from "./phases/phase.ts";
import { StateFile } from "./settings/state_file.ts";

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
    if (phase === PHASES["post_build"] && await nothingLeft(host)) return EXIT_CODES.ok;
    const run = await phase();
    await run(await phaseDeps(host, readAgentConfig(host.env), redactor, signal));
    return EXIT_CODES.ok;
  } catch (error) {
    // A configuration that is refused has no format, so it is looked up on its own.
    const format = host.env["LOG_FORMAT"] === "json" ? "json" : "text";
    return reportFailure(interruptionIn(error, signal) ?? error, { host, format, redactor });
  }
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
  throw new ConfigurationError([`${what}: codebuild-agent takes one of ${Object.keys(PHASES).join(", ")}`], {
    hint: "See codebuild-agent --help",
  });
}

function answer(host: Host, text: string): undefined {
  writePage(host.stdout, text);
}

/**
 * Whether post_build is done before it begins, as it is after every good build: nothing more is loaded then, since
 * the build's end waits for it. A build whose configuration was refused need not hear all of that twice either.
 */
async function nothingLeft(host: Host): Promise<boolean> {
  const state = await new StateFile(host.env["RUNNER_HOME"] || DEFAULT_RUNNER_HOME).read();
  return state === undefined || state.removed;
}

async function phaseDeps(
  host: Host,
  config: AgentConfig,
  redactor: Redactor,
  signal: AbortSignal,
): Promise<PhaseDeps> {
  const { createBitbucket } = await import("../shared/bitbucket/bitbucket_client.ts");
  const log = new Logger(host, config.logFormat, redactor);
  const stateFile = new StateFile(config.runnerHome);
  const heldToken = (await stateFile.read())?.token;
  const bitbucket = createBitbucket(host, {
    apiUrl: config.apiUrl,
    tokenUrl: config.tokenUrl,
    credentials: config.credentials,
    heldToken,
    workspace: config.workspaceUuid,
    repository: config.repositoryUuid,
    timeoutMs: config.apiTimeoutS * 1000,
    log,
  });
  return { host, config, log, bitbucket, stateFile, signal };
}
