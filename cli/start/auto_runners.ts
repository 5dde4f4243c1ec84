import { shortened } from "../../shared/output/plain_text.ts";
import { NOT_THERE, readPipelinesText, USUAL_PIPELINES_FILE } from "../doctor/pipelines_text.ts";
import { imageNeeds } from "../options/build_image.ts";
import { type StartConfig, startConfig } from "../options/start_config.ts";
import { countRunners, type RunnerCount } from "../pipelines/count_runners.ts";
import { pipelineTitle } from "../pipelines/findings/finding.ts";
import type { NamedPipeline, PipelinesFile } from "../pipelines/pipeline_model.ts";
import { readPipelines } from "../pipelines/pipelines_file.ts";
import { runningPipelines } from "../pipelines/running_pipelines.ts";

type Texts = Readonly<Record<string, string>>;

const CLONE = "let this step clone the repository (no «clone: enabled: false»)";
const BY_NUMBER = "give a number, as in --runners 4";

/**
 * What a start with `--runners auto` is made with: as many runners as the repository's pipeline file has steps for them at
 * once, and what is said of that; all problems there are.
 */
export async function countedConfig(
  flags: Texts,
  env: Texts,
): Promise<{ config: StartConfig; problems: string[]; note: string | undefined }> {
  const asked = startConfig({ ...flags, runners: "1" }, env);
  const counted = await count(asked, env);
  if ("problem" in counted) {
    const problem =
      `Cannot count runners, as --runners auto or RUNNER_COUNT=auto asks: ${counted.problem}, or ${BY_NUMBER}`;
    return { config: asked.config, problems: [...asked.problems, problem], note: undefined };
  }
  const { runners, reason } = counted;
  return { ...startConfig({ ...flags, runners: `${runners}` }, env), note: `--runners auto: ${reason}` };
}

/** With other problems only those of the file count: what the start is like is not known then. */
async function count(
  { config, problems }: ReturnType<typeof startConfig>,
  env: Texts,
): Promise<RunnerCount | { readonly problem: string }> {
  const path = `${await repositoryFolder(env)}/${USUAL_PIPELINES_FILE}`;
  const text = await readPipelinesText(path);
  if (typeof text !== "string") {
    const problem = `${path} cannot be read: ${text.reason}`;
    return { problem: text.reason === NOT_THERE ? `${problem}; ${CLONE}` : problem };
  }
  if (problems.length > 0) return { runners: 1, reason: "" };
  const file = readPipelines(text);
  const running = runningPipelines(file.pipelines, {
    ...config,
    pullRequest: env["BITBUCKET_PR_ID"],
  });
  const type = config.environmentType ?? imageNeeds(config.image).environmentType;
  const arch = type === undefined ? undefined : type.startsWith("ARM_") ? "arm64" : "x86_64";
  return countRunners(running, { ...config, arch }) ?? { problem: whyNone(path, file, running) };
}

/** Why no call of start-runner is found: the file is broken, or its pipelines are elsewhere, or make the call in another way. */
function whyNone(path: string, { problems }: PipelinesFile, running: readonly NamedPipeline[]): string {
  const broken = problems.find(({ severity }) => severity === "error");
  if (broken !== undefined) return `${path} cannot be used, line ${broken.line}: ${broken.message}`;
  const imported = running.find((one) => one.import !== undefined);
  if (imported !== undefined) {
    return `in ${path}, ${pipelineTitle(imported)} is imported from «${
      shortened(imported.import?.text ?? "")
    }», ` +
      "where nobody looks here";
  }
  return `in ${path}, no pipeline that may be running has this start-runner in a step's script; write it there`;
}

/** Where the step has its clone; elsewhere the top of the repository that this is in, or this folder. */
async function repositoryFolder(env: Texts): Promise<string> {
  const clone = env["BITBUCKET_CLONE_DIR"];
  if (clone) return clone;
  for (let folder = Deno.cwd(); folder !== ""; folder = folder.slice(0, folder.lastIndexOf("/"))) {
    if (await Deno.stat(`${folder}/.git`).then(() => true, () => false)) return folder;
  }
  return Deno.cwd();
}
