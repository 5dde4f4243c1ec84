import {
  BatchGetBuildsCommand,
  BatchGetFleetsCommand,
  BatchGetProjectsCommand,
  type Build,
  CodeBuildClient,
  type Fleet,
  ListBuildsForProjectCommand,
  type Project,
  StartBuildCommand,
  type StartBuildCommandInput,
  StopBuildCommand,
} from "@aws-sdk/client-codebuild";
import { retryUnusableAnswers } from "./aws_answers.ts";
import { type AwsOptions, clientSettings } from "./aws_client.ts";
import { callAws } from "./aws_errors.ts";

export type { Build, BuildPhase, Fleet, Project } from "@aws-sdk/client-codebuild";
/** What StartBuild takes. */
export type StartBuildInput = StartBuildCommandInput;

/** A build whose id is known, as every build of an accepted answer is. */
export type KnownBuild = Build & { readonly id: string };

/** A look at one build. */
export interface Look {
  /** The build, or undefined when CodeBuild does not know it (yet). */
  readonly build: KnownBuild | undefined;
  /** Whether the SDK had to ask more than once, as it does when it is throttled. */
  readonly retried: boolean;
}

/** A look at several builds at once: those that CodeBuild knows. */
export interface JointLook extends Pick<Look, "retried"> {
  readonly builds: readonly KnownBuild[];
}

/** CodeBuild's API as the programs use it. Failures are `AwsCallError`; passing faults have been retried by then. */
export interface CodeBuild {
  startBuild(input: StartBuildInput): Promise<KnownBuild>;
  lookAt(buildId: string, signal?: AbortSignal): Promise<Look>;
  /** The same for at most 100 ids, in one request. */
  lookAtAll(buildIds: readonly string[], signal?: AbortSignal): Promise<JointLook>;
  /** The builds CodeBuild knows of those asked for; at most 100 ids. */
  getBuilds(buildIds: readonly string[], signal?: AbortSignal): Promise<KnownBuild[]>;
  stopBuild(buildId: string, signal?: AbortSignal): Promise<KnownBuild>;
  /** Ids of the project's newest builds, at most 100, newest first. */
  newestBuilds(project: string, signal?: AbortSignal): Promise<string[]>;
  /** The same from `nextToken` on, with the token of the page that follows; undefined where there is none. */
  buildPage(project: string, nextToken?: string, signal?: AbortSignal): Promise<BuildPage>;
  /** The project as it is set up, or undefined when there is none of that name in the region. */
  getProject(name: string, signal?: AbortSignal): Promise<Project | undefined>;
  /** The fleet of that name or ARN as it is at the moment, or undefined when there is none in the region. */
  getFleet(nameOrArn: string, signal?: AbortSignal): Promise<Fleet | undefined>;
}

export interface BuildPage {
  readonly ids: readonly string[];
  readonly nextToken: string | undefined;
}

/** Makes the client for CodeBuild. */
export function createCodeBuild(options: AwsOptions): CodeBuild {
  const client = new CodeBuildClient(clientSettings("CODEBUILD", options));
  retryUnusableAnswers(client, missingPart);
  const lookAtAll = async (ids: readonly string[], signal?: AbortSignal): Promise<JointLook> => {
    const command = new BatchGetBuildsCommand({ ids: [...ids] });
    const output = await callAws("BatchGetBuilds", signal, (sending) => client.send(command, sending));
    return { builds: (output.builds ?? []).filter(isKnown), retried: (output.$metadata.attempts ?? 1) > 1 };
  };
  const buildPage = (projectName: string, nextToken?: string, signal?: AbortSignal) =>
    callAws("ListBuildsForProject", signal, async (sending) => {
      const command = new ListBuildsForProjectCommand({ projectName, nextToken });
      const output = await client.send(command, sending);
      return { ids: output.ids ?? [], nextToken: output.nextToken };
    });
  return {
    // Never cut short: a request that got through must be answered, or nobody learns which build it started.
    startBuild: (input) =>
      callAws("StartBuild", undefined, async () => {
        return known((await client.send(new StartBuildCommand(input))).build);
      }),
    lookAt: async (id, signal) => {
      const { builds, retried } = await lookAtAll([id], signal);
      return { build: builds.find((build) => build.id === id), retried };
    },
    lookAtAll,
    getBuilds: async (ids, signal) => [...(await lookAtAll(ids, signal)).builds],
    stopBuild: (id, signal) =>
      callAws("StopBuild", signal, async (sending) => {
        return known((await client.send(new StopBuildCommand({ id }), sending)).build);
      }),
    newestBuilds: async (project, signal) => [...(await buildPage(project, undefined, signal)).ids],
    buildPage,
    getProject: (name, signal) =>
      callAws("BatchGetProjects", signal, async (sending) => {
        const { projects } = await client.send(new BatchGetProjectsCommand({ names: [name] }), sending);
        return projects?.find((project) => project.name === name);
      }),
    getFleet: (nameOrArn, signal) =>
      callAws("BatchGetFleets", signal, async (sending) => {
        const { fleets } = await client.send(new BatchGetFleetsCommand({ names: [nameOrArn] }), sending);
        return fleets?.find(({ name, arn }) => nameOrArn === name || nameOrArn === arn);
      }),
  };
}

/** What answers hold that are about several things. */
const LISTS = ["builds", "buildsNotFound", "ids", "projects", "projectsNotFound", "fleets", "fleetsNotFound"];

/** What an answer must hold, whichever of the calls it answers. */
function missingPart(output: Record<string, unknown>): string | undefined {
  const build = output["build"] as Build | undefined;
  const lists = LISTS.some((list) => Array.isArray(output[list]));
  if (!lists) return build?.id ? undefined : "build id";
  const builds = (output["builds"] ?? []) as Build[];
  return builds.every((one) => one.id && one.buildStatus) ? undefined : "id or status for a build";
}

function isKnown(build: Build): build is KnownBuild {
  return build.id !== undefined;
}

function known(build: Build | undefined): KnownBuild {
  if (build !== undefined && isKnown(build)) return build;
  throw new TypeError("the answer has no build id");
}
