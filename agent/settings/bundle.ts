import { RunnerError } from "../../shared/program/errors.ts";
import type { Logger } from "../../shared/output/log.ts";
import { type Bundle, bundleSchema } from "./agent_schema.ts";
import { readSmallJson } from "./small_json.ts";
import type { AgentConfig } from "./agent_settings.ts";

/** What the installer put into RUNNER_HOME. Throws `RunnerError` when there is no bundle. */
export async function readBundle(config: AgentConfig, log: Logger): Promise<Bundle> {
  const path = `${config.runnerHome}/bundle.json`;
  try {
    const bundle = bundleSchema.parse(await readSmallJson(path));
    if (config.runnerType !== undefined && config.runnerType !== bundle.type) {
      log.warning(
        `RUNNER_TYPE is ${config.runnerType}, but the installed bundle is for the ${bundle.type} runner; using that`,
      );
    }
    return bundle;
  } catch (cause) {
    throw new RunnerError(`Cannot read ${path}`, {
      hint: "RUNNER_HOME must be the folder that install-shell.sh or install-docker.sh installed to",
      cause,
    });
  }
}
