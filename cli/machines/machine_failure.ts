import { AwsCallError } from "../../shared/aws/aws_errors.ts";
import { BuildNotStartedError, ConfigurationError, ProgramError } from "../../shared/program/errors.ts";
import { awsFailure } from "../aws/hints.ts";
import type { StartConfig } from "../options/start_config.ts";

/** What became of a machine: the id of its build, if one was accepted. */
interface Fate {
  readonly id: string | undefined;
  readonly online: boolean;
}

/** A failure as one machine would end with it alone, with the machine and its build named. */
export function machineFailure(
  error: unknown,
  { number, build, config, builds }: {
    readonly number: number;
    readonly build: string | undefined;
    readonly config: StartConfig;
    readonly builds: readonly Fate[];
  },
): unknown {
  const failure = error instanceof AwsCallError ? awsFailure(error, config) : error;
  if (!(failure instanceof ProgramError)) return failure;
  const { exitCode, hint, message } = failure;
  const said = failure instanceof ConfigurationError ? failure.problems.join("; ") : message;
  const of = build === undefined || said.includes(build) ? "" : `, build ${build}`;
  const others = builds.filter(({ id }) => id !== undefined).length;
  const room = failure instanceof BuildNotStartedError && others > 0
    ? `; ${others} of the ${builds.length} machines were started, and count towards a limit too: it has to allow all`
    : "";
  return new ProgramError(`Machine ${number} of ${builds.length}${of}: ${said}`, exitCode, {
    hint: hint === undefined ? undefined : `${hint}${room}`,
    cause: error,
  });
}

/** What there is of the machines after one of them has failed: the others were stopped, and have said so. */
export function standing(builds: readonly Fate[]): string[] {
  const online = builds.flatMap(({ id, online }) => online ? [id] : []);
  const unstarted = builds.filter(({ id }) => id === undefined).length;
  const of = `of ${builds.length} machines`;
  return [
    ...(online.length === 0 ? [] : [
      `${online.length} ${of} are online and run on, since they may be serving a step: each is left to its agent, which leaves by ` +
      `itself when the pipeline is over, or when it has had no step for its idle timeout: ${
        online.join(", ")
      }`,
    ]),
    ...(unstarted === 0 ? [] : [`${unstarted} ${of} were not started`]),
  ];
}
