import type { KnownBuild } from "../../shared/aws/aws_codebuild.ts";
import { shortened } from "../../shared/output/plain_text.ts";
import { EXIT_CODES, ProgramError } from "../../shared/program/errors.ts";
import { hasEnded } from "../../shared/aws/has_ended.ts";
import { buildVariable } from "../progress/build_variable.ts";
import type { LookConfig } from "../options/look_config.ts";
import { type BuildRecord, buildRecord } from "./build_record.ts";
import type { Project } from "./project.ts";
import { projectBuildIds, projectBuilds } from "./project_builds.ts";

/** What may stand for a build, for the help of the commands that take one. */
export const BUILD_OPERAND = {
  name: "BUILD",
  help: "a build's id, its UUID or the beginning of one, a pipeline's number, or last",
  required: true,
} as const;

/** What may stand for builds that belong together. */
export const BUILDS_OPERAND = {
  ...BUILD_OPERAND,
  help:
    "a build's id, its UUID or the beginning of one, last, or a pipeline's number for all builds of a start",
} as const;

/** How far back a pipeline's number, or the beginning of a UUID, is looked for: pages of 100 builds. */
const MOST_PAGES = 10;

const BUILD_UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** With its first hyphen, so that no number of a pipeline is taken for one. */
const BEGINNING = /^[0-9a-f]{8}-[0-9a-f-]{0,27}$/i;
const PIPELINE_NUMBER = /^#?(\d{1,9})$/;
const BUILD_ARN = /^arn:aws[\w-]{0,20}:codebuild:[\w-]{1,40}:\d{12}:build\//;

/** The build that somebody means. Rejects with `ProgramError` where there is none, or more than one repository has one. */
export async function findBuild(project: Project<LookConfig>, word: string): Promise<KnownBuild> {
  const id = await idOf(project, word);
  const build = typeof id === "string" ? await look(project, id) : id;
  if (build !== undefined) return build;
  throw notFound(project, word);
}

/** All builds that somebody means: by a pipeline's number those that its newest start has brought, on several machines perhaps. */
export async function findBuilds(project: Project<LookConfig>, word: string): Promise<KnownBuild[]> {
  const number = PIPELINE_NUMBER.exec(word)?.[1];
  if (number === undefined) return [await findBuild(project, word)];
  const [newest, ...older] = await buildsOfPipeline(project, number, { whole: true });
  if (newest === undefined) throw notFound(project, word);
  const step = launcherOf(newest);
  return [newest, ...older.filter((build) => !hasEnded(build) && launcherOf(build) === step)];
}

/** The step that started a build; undefined for all that were started outside of steps. */
function launcherOf(build: KnownBuild): string | undefined {
  return buildVariable(build, "LAUNCHER_STEP_UUID");
}

function notFound(project: Project<LookConfig>, word: string): ProgramError {
  return new ProgramError(
    `Cannot find build «${shortened(word)}» in project ${project.config.project}`,
    EXIT_CODES.failed,
    { hint: "start-runner list shows the builds there are; --project and --region say where" },
  );
}

async function idOf(project: Project<LookConfig>, word: string): Promise<string | KnownBuild | undefined> {
  const bare = word.replace(BUILD_ARN, "");
  if (bare.includes(":")) return bare;
  if (BUILD_UUID.test(bare)) return `${project.config.project}:${bare.toLowerCase()}`;
  if (BEGINNING.test(bare)) return await idBeginningWith(project, bare.toLowerCase());
  if (bare === "last") return await idBeginningWith(project, "");
  const number = PIPELINE_NUMBER.exec(bare)?.[1];
  return number === undefined ? undefined : (await buildsOfPipeline(project, number, { whole: false }))[0];
}

async function look({ session, signal }: Project, id: string): Promise<KnownBuild | undefined> {
  return (await session.call((codebuild) => codebuild.lookAt(id, signal), signal)).build;
}

/** The newest id whose UUID begins so. */
async function idBeginningWith(project: Project, beginning: string): Promise<string | undefined> {
  let pages = 0;
  for await (const ids of projectBuildIds(project)) {
    const id = ids.find((one) => one.split(":")[1]?.startsWith(beginning));
    if (id !== undefined || ++pages === MOST_PAGES) return id;
  }
  return undefined;
}

/**
 * The newest builds of the pipeline with the number, newest first; of this repository where that is known, since others count
 * too. The `whole` of them may reach over the end of a page.
 */
async function buildsOfPipeline(
  project: Project<LookConfig>,
  number: string,
  { whole }: { readonly whole: boolean },
): Promise<KnownBuild[]> {
  const own = project.config.repositoryUuid;
  const found: { readonly build: KnownBuild; readonly record: BuildRecord }[] = [];
  let pages = 0;
  for await (const builds of projectBuilds(project, -Infinity)) {
    const records = builds.map((build) => ({ build, record: buildRecord(build) }));
    const meant = records.filter(({ record }) => isMeant(record, number, own));
    found.push(...meant);
    if ((found.length > 0 && !(whole && meant.length > 0)) || ++pages === MOST_PAGES) break;
  }
  const repositories = new Set(found.map(({ record }) => record.repository));
  if (repositories.size > 1) throw ambiguous(number, found.map(({ record }) => record));
  return found.toSorted((one, other) => other.record.startedMs - one.record.startedMs).map(({ build }) =>
    build
  );
}

function isMeant(record: BuildRecord, number: string, repositoryUuid: string | undefined): boolean {
  return record.pipeline === number &&
    (repositoryUuid === undefined || record.repositoryUuid === repositoryUuid);
}

function ambiguous(number: string, records: readonly BuildRecord[]): ProgramError {
  const all = records.map(({ id, repository }) => `${id} of ${repository}`).join(", ");
  return new ProgramError(
    `Several repositories have a build for a pipeline ${number}: ${all}`,
    EXIT_CODES.failed,
    { hint: "name the build by its id, or set REPO_UUID to say which repository is meant" },
  );
}
