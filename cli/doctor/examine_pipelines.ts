import type { DoctorConfig } from "./doctor_config.ts";
import { fail, type Finding, unknown } from "./finding.ts";
import { readPipelinesText, USUAL_PIPELINES_FILE } from "./pipelines_text.ts";

const CHECK = "pipelines";

/** Reads the file that was named, or the one of the current folder if there is one, and what is wrong with it. */
export async function examinePipelines(
  named: string | undefined,
  config: DoctorConfig,
  arch: "x86_64" | "arm64" | undefined,
): Promise<Finding[]> {
  const path = named ?? USUAL_PIPELINES_FILE;
  const text = await readPipelinesText(path);
  if (typeof text === "string") {
    const { pipelinesFindings } = await import("./findings/pipelines_findings.ts");
    return pipelinesFindings(text, path, config, arch);
  }
  if (named !== undefined) {
    return [fail(CHECK, `${path} cannot be read: ${text.reason}`, "check --pipelines")];
  }
  return [
    unknown(
      CHECK,
      `no ${USUAL_PIPELINES_FILE} is read here: ${text.reason}`,
      `run it where one is, or name it with --pipelines`,
    ),
  ];
}
