import { shortened } from "../../shared/output/plain_text.ts";
import type { Redactor } from "../../shared/output/redact.ts";
import { fileFault } from "../../shared/program/file_fault.ts";
import type { Host } from "../../shared/program/host.ts";
import { type JobConfig, jobConfig } from "./job_config.ts";
import { LONGEST_BUILDSPEC } from "../request/buildspec.ts";

export interface PreparedJob {
  readonly job: { readonly config: JobConfig; readonly buildspec: string | undefined };
  readonly problems: readonly string[];
}

/** What a build without a runner takes: configuration and buildspec, with all problems there are. */
export async function prepareJob(
  flags: Readonly<Record<string, string>>,
  { host, log }: { readonly host: Pick<Host, "env">; readonly log: { readonly redactor: Redactor } },
): Promise<PreparedJob> {
  const { config, problems } = jobConfig(flags, host.env);
  const { buildspec: file } = config;
  const read = file === undefined ? { problems: [] } : await readBuildspec(file);
  return {
    job: { config, buildspec: read.text },
    problems: [...problems, ...read.problems, ...secretProblems(config, log.redactor)],
  };
}

async function readBuildspec(file: string): Promise<{ text?: string; problems: string[] }> {
  const cannot = `Cannot use «${shortened(file)}» from --buildspec`;
  try {
    const text = await beginningOf(file, LONGEST_BUILDSPEC + 1);
    if (text.trim() === "") return { problems: [`${cannot}: it is empty`] };
    if (text.length <= LONGEST_BUILDSPEC) return { text, problems: [] };
    return { problems: [`${cannot}: CodeBuild takes at most ${LONGEST_BUILDSPEC} characters, it has more`] };
  } catch (error) {
    return { problems: [`${cannot}: ${fileFault(error)}`] };
  }
}

/** The first so many characters of a file, or a few more: what is named may be a device that never ends. */
async function beginningOf(file: string, length: number): Promise<string> {
  using opened = await Deno.open(file);
  let text = "";
  for await (const part of opened.readable.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (text.length >= length) break;
  }
  return text;
}

/** Plain text is read by whoever may look at the build. */
function secretProblems({ env = [] }: JobConfig, redactor: Redactor): string[] {
  return env.filter(([, value]) => redactor.redact(value) !== value).map(([name]) =>
    `Cannot use --env ${
      shortened(name)
    }: its value is a secret, or holds one; keep it in Secrets Manager or ` +
    `Parameter Store, and name it with CODEBUILD_SECRET_${shortened(name)} or CODEBUILD_SSM_${
      shortened(name)
    }`
  );
}
