import assert from "node:assert/strict";
import { agentHelp } from "../../../agent/settings/agent_help.ts";
import { agentSettings } from "../../../agent/settings/agent_settings.ts";
import { EXIT_CODES } from "../../../shared/program/errors.ts";
import type { Setting } from "../../../shared/settings/settings.ts";

Deno.test("`agentHelp()` explains every setting, phase and exit code", () => {
  const help = agentHelp();
  const settings: readonly Setting<unknown>[] = Object.values(agentSettings);
  for (const { variables, help: meaning } of settings) {
    const line = help.split("\n").find((candidate) => candidate.startsWith(`  ${variables.join(", ")} `));
    assert.ok(line?.endsWith(` ${meaning}`), variables.join(", "));
  }
  for (const phase of ["pre_build", "build", "post_build"]) {
    assert.match(help, new RegExp(`^  ${phase} +\\w`, "m"));
  }
  const { ok, failed, configuration, credentials, SIGINT, SIGTERM } = EXIT_CODES;
  for (const code of [ok, failed, configuration, credentials, SIGINT, SIGTERM]) {
    assert.match(help.slice(help.indexOf("Exit codes:")), new RegExp(`\\b${code}\\b`));
  }
});

Deno.test("`agentHelp()` fits a terminal of 120 columns", () => {
  for (const line of agentHelp().split("\n")) assert.ok(line.length <= 120, line);
});
