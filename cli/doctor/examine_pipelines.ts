import { fileFault } from "../../shared/program/file_fault.ts";
import type { DoctorConfig } from "./doctor_config.ts";
import { fail, type Finding, unknown } from "./finding.ts";

const CHECK = "pipelines";
const USUAL = "bitbucket-pipelines.yml";
/** In bytes; the largest that people write are a tenth of it. */
const MOST_BYTES = 1024 * 1024;

/** Reads the file that was named, or the one of the current folder if there is one, and what is wrong with it. */
export async function examinePipelines(
  named: string | undefined,
  config: DoctorConfig,
  arch: "x86_64" | "arm64" | undefined,
): Promise<Finding[]> {
  const path = named ?? USUAL;
  const text = await readText(path);
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
      `no ${USUAL} is read here: ${text.reason}`,
      `run it where one is, or name it with --pipelines`,
    ),
  ];
}

async function readText(path: string): Promise<string | { readonly reason: string }> {
  try {
    const { size, isFile } = await Deno.stat(path);
    if (!isFile) return { reason: "it is no file" };
    return size > MOST_BYTES ? { reason: `it has ${size} bytes` } : await Deno.readTextFile(path);
  } catch (error) {
    return { reason: error instanceof Deno.errors.NotFound ? "it is not there" : fileFault(error) };
  }
}
