import { agentVariables } from "../../shared/settings/forwarded_variables.ts";
import type { ChildEnvironment } from "../process/child_environment.ts";
import type { Setting } from "../../shared/settings/settings.ts";
import { agentSettings } from "../settings/agent_settings.ts";

const DECLARED: readonly Setting<unknown>[] = Object.values(agentSettings);

/** What only the agent and its installer read; CodeBuild's own variables are every command's. */
const OF_THE_AGENT: ReadonlySet<string> = new Set(
  [...DECLARED.flatMap(({ variables }) => variables), ...agentVariables()]
    .filter((name) => !name.startsWith("CODEBUILD_")),
);

/** The build's environment without anything of the agent's: what runners, and with them steps, and other commands get. */
export function runnerEnvironment(env: Readonly<Record<string, string>>): ChildEnvironment {
  const entries = Object.entries(env).filter(([name]) => !OF_THE_AGENT.has(name));
  return Object.fromEntries(entries) as ChildEnvironment;
}
