import type { NamedPipeline } from "../../../cli/pipelines/pipeline_model.ts";

/**
 * Reads `NAME=value`, or `NAME` for the value it has in this program's own environment, which keeps a secret off the
 * command line. Throws where there is none.
 */
export function parseVariable(
  text: string,
  env: Readonly<Record<string, string>>,
): [name: string, value: string] {
  const [, name, given] = /^([A-Za-z_]\w*)(?:=(.*))?$/s.exec(text) ?? [];
  if (name === undefined) throw new Error(`Cannot use --variable ${text}: it takes NAME=value or NAME`);
  const value = given ?? env[name];
  if (value === undefined) {
    throw new Error(
      `Cannot use --variable ${name}: it has no value here, so write ${name}=value or export it`,
    );
  }
  return [name, value];
}

/** The variables of a run: those given, and a custom pipeline's defaults. Throws an error that names all that do not fit. */
export function runVariables(
  { variables }: Pick<NamedPipeline, "variables">,
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  const values = { ...given };
  const problems: string[] = [];
  for (const { name, default: fallback, allowedValues } of variables) {
    const value = given[name] ?? fallback;
    if (value === undefined) {
      problems.push(`${name} has no value and no default, so give --variable ${name}=…`);
    } else if (allowedValues.length > 0 && !allowedValues.includes(value)) {
      problems.push(`${name} is «${value}», and may be ${allowedValues.join(", ")}`);
    } else values[name] = value;
  }
  if (problems.length > 0) throw new Error(`Cannot run pipeline: ${problems.join("; ")}`);
  return values;
}
