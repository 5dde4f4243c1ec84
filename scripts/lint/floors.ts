/**
 * The folders of each room, from the top floor down: a file imports from its own folder and from those below it. So no
 * two folders import each other, and whoever reads downwards meets no surprise.
 */
export const FLOORS: Readonly<Record<string, readonly string[]>> = {
  cli: [
    "",
    "commands",
    "start",
    "init",
    "templates",
    "doctor",
    "setup",
    "pipelines",
    "jobs",
    "cost",
    "builds",
    "completions",
    "stop",
    "machines",
    "launch",
    "handover",
    "wait",
    "log",
    "progress",
    "aws",
    "request",
    "options",
    "facts",
  ],
  agent: [
    "",
    "phases",
    "hold",
    "times",
    "watch",
    "ask",
    "life",
    "daemon",
    "docker",
    "shell",
    "java",
    "runner",
    "process",
    "settings",
  ],
  shared: ["leftovers", "bitbucket", "calls", "aws", "settings", "output", "program"],
  "scripts/local_cloud": [
    "run",
    "",
    "stand_in",
    "bitbucket",
    "codebuild",
    "aws",
    "pipelines",
    "machine",
    "server",
  ],
};

/** Folders of plain functions: what is decided there is tried without a machine, a clock or a network. */
const PURE = [
  "agent/life",
  "cli/completions",
  "cli/cost",
  "cli/options",
  "cli/pipelines",
  "cli/request",
  "cli/setup",
  "cli/templates",
  "cli/facts",
];
/** What of the outside is no part of the world: the same at every call. */
const PLAIN_MODULES = ["node:path", "node:crypto"];
/** What processes are made of, for any program: nothing of Bitbucket's belongs there. */
const WITHOUT_BITBUCKET = "agent/process";

/** Why a file may not import another of its room, by the floors they are on; undefined when it may. */
export function floorProblem(file: string, target: string): string | undefined {
  const [room, floors] = Object.entries(FLOORS).find(([room]) => file.startsWith(`${room}/`)) ?? [];
  if (room === undefined || floors === undefined) return undefined;
  if (file.startsWith(`${WITHOUT_BITBUCKET}/`) && /bitbucket/.test(target)) {
    return `${WITHOUT_BITBUCKET}/ knows nothing of Bitbucket: let the caller bring what it needs`;
  }
  if (!target.startsWith(`${room}/`)) return undefined;
  const [from, to] = [folderIn(room, file), folderIn(room, target)];
  const [above, below] = [floors.indexOf(from), floors.indexOf(to)];
  if (above === -1 || below === -1) {
    const unknown = above === -1 ? from : to;
    return `${room}/${unknown}/ has no floor yet: name it in FLOORS of scripts/lint/floors.ts`;
  }
  if (above <= below) return undefined;
  return `${room}/${from}/ lies below ${
    to === "" ? `${room}/` : `${room}/${to}/`
  }: it does not import from there`;
}

/** Whether a file is in one of the folders of plain functions. */
export function isPure(file: string): boolean {
  return PURE.some((folder) => file.startsWith(`${folder}/`));
}

/** Why a file of plain functions may not import a module of the runtime; undefined when it may. */
export function impurity(file: string, specifier: string): string | undefined {
  if (!isPure(file) || !specifier.startsWith("node:") || PLAIN_MODULES.includes(specifier)) return undefined;
  return `${
    file.slice(0, file.lastIndexOf("/"))
  }/ decides without touching the world: ${specifier} belongs to whoever acts`;
}

function folderIn(room: string, file: string): string {
  const rest = file.slice(room.length + 1);
  return rest.includes("/") ? rest.slice(0, rest.indexOf("/")) : "";
}
