import { messageOf, RunnerError } from "../../shared/program/errors.ts";

/** The failure to write something below RUNNER_HOME. */
export function cannotWrite(path: string, cause: unknown): RunnerError {
  return new RunnerError(`Cannot write ${path}: ${messageOf(cause)}`, {
    hint: "RUNNER_HOME must be a folder the build can write to, on a disk with space left",
    cause,
  });
}
