import type { Setting } from "../../shared/settings/settings.ts";
import { agentSettings } from "./agent_settings.ts";

/** The text of `codebuild-agent --help`. */
export function agentHelp(): string {
  const settings: readonly Setting<unknown>[] = Object.values(agentSettings);
  const width = 2 + Math.max(...settings.map(({ variables }) => variables.join(", ").length));
  const lines = settings.map(({ variables, help }) => `  ${variables.join(", ").padEnd(width)}${help}`);
  return `Usage: codebuild-agent <phase>

Runs one phase of an ephemeral Bitbucket Pipelines runner inside an AWS CodeBuild build. The bundle's scripts
pre_build.sh, build.sh and post_build.sh call it from the phases of the same names.

Phases:
  pre_build   register the runner, launch it, wait until it is online
  build       watch it serve its step, or in multi-step mode the pipeline's steps
  post_build  close it to new steps, stop it, unregister it; safe to repeat

Options:
  --help      this text
  --version   version and commit

Environment:
${lines.join("\n")}

Exit codes: 0 done, 1 the runner or a step failed, 2 bad configuration, 3 Bitbucket refused the credentials,
130 and 143 interrupted.
`;
}
