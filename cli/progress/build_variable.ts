import type { Build } from "../../shared/aws/aws_codebuild.ts";

/** A variable of the build by CodeBuild's answer, the project's among them; undefined where it is kept elsewhere. */
export function buildVariable(build: Build, name: string): string | undefined {
  const found = build.environment?.environmentVariables?.find((variable) => variable.name === name);
  return (found?.type ?? "PLAINTEXT") === "PLAINTEXT" ? found?.value : undefined;
}
