import { type ApiCall, type ApiRequest, badRequest } from "../server/api_call.ts";
import { type AwsCredentials, regionOf } from "../aws/aws_credentials.ts";
import { type AwsOperation, identifyAwsJson, invalidInput } from "../aws/aws_json.ts";
import { type CodeBuild, projectMissing } from "./codebuild.ts";
import { projectToWire } from "./project_wire.ts";
import { readStartBuild } from "./start_build_limits.ts";

/** CodeBuild's API, as far as starting, watching and stopping builds takes. */
export function identifyCodeBuild(
  codeBuild: CodeBuild,
  credentials: AwsCredentials,
  request: ApiRequest,
): ApiCall | undefined {
  const isHere = regionOf(request) === codeBuild.settings.region;
  const operations: Record<string, AwsOperation> = {
    StartBuild: (input) => {
      const asked = readStartBuild(input);
      if (!isHere) throw projectMissing(asked.projectName, codeBuild.settings);
      return { build: codeBuild.start(asked).toWire() };
    },
    BatchGetBuilds: (input) => batchGetBuilds(codeBuild, input),
    StopBuild: (input) => stopBuild(codeBuild, input),
    ListBuildsForProject: (input) => {
      if (!isHere) throw projectMissing(String(input["projectName"]), codeBuild.settings);
      return listBuilds(codeBuild, input);
    },
    BatchGetFleets: (input) => codeBuild.fleets.describe(input["names"]),
    BatchGetProjects: (input) => batchGetProjects(codeBuild, isHere ? input["names"] : []),
  };
  return identifyAwsJson("CodeBuild_20161006", operations, credentials, request);
}

function batchGetBuilds(codeBuild: CodeBuild, input: Record<string, unknown>): object {
  const ids = input["ids"];
  if (!Array.isArray(ids) || ids.length < 1 || ids.length > 100) {
    throw invalidInput("Invalid ids: must have between 1 and 100 members");
  }
  const builds = ids.map((id) => codeBuild.find(String(id)));
  return {
    builds: builds.filter((build) => build !== undefined).map((build) => build.toWire()),
    buildsNotFound: ids.filter((_, index) => builds[index] === undefined),
  };
}

/** Of another region's projects CodeBuild knows nothing. */
function batchGetProjects({ projects, settings }: CodeBuild, names: unknown): object {
  const asked = Array.isArray(names) ? names.map(String) : [];
  const found = asked.flatMap((name) => projects.get(name) ?? []);
  return {
    projects: found.map((project) => projectToWire(project, settings)),
    projectsNotFound: asked.filter((name) => !projects.has(name)),
  };
}

/** Answers before the build has stopped; for a build that is over, its final state. */
function stopBuild(codeBuild: CodeBuild, input: Record<string, unknown>): object {
  const id = String(input["id"] ?? "");
  const build = codeBuild.find(id);
  if (build === undefined) {
    throw badRequest("ResourceNotFoundException", `Build ${id} does not exist`);
  }
  codeBuild.end(build.id, "STOPPED");
  return { build: build.toWire() };
}

function listBuilds(codeBuild: CodeBuild, input: Record<string, unknown>): object {
  const name = String(input["projectName"] ?? "");
  if (!codeBuild.projects.has(name)) throw invalidInput(`Project ${name} does not exist`);
  const newestFirst = codeBuild.builds.filter((build) => build.project.name === name).map((build) => build.id)
    .reverse();
  const from = Number(input["nextToken"] ?? 0);
  const ids = newestFirst.slice(from, from + 100);
  const more = from + 100 < newestFirst.length;
  return { ids, ...(more ? { nextToken: String(from + 100) } : {}) };
}
