import type { Build } from "../../shared/aws/aws_codebuild.ts";
import { splitLabels } from "../../shared/settings/labels_rules.ts";
import { runnerLabels } from "../../shared/settings/runner_labels.ts";
import { type ImageNeeds, imageNeeds } from "../options/build_image.ts";
import type { StartConfig } from "../options/start_config.ts";
import { buildVariable } from "./build_variable.ts";

/**
 * The labels that the build's runner has: start-runner's own, and the user's or else the project's. Undefined where they
 * depend on an architecture that neither the build nor the image tells.
 */
export function readyLabels(
  build: Build,
  { runnerType, labels, image, environmentType }: Pick<
    StartConfig,
    "runnerType" | "labels" | "image" | "environmentType"
  >,
): string[] | undefined {
  const type = build.environment?.type ?? environmentType ??
    imageNeeds(image ?? build.environment?.image).environmentType;
  const arch = architecture(type);
  if (arch === undefined && runnerType === "docker") return undefined;
  return runnerLabels(
    runnerType,
    arch ?? "x86_64",
    labels ?? splitLabels(buildVariable(build, "RUNNER_LABEL") ?? ""),
  );
}

function architecture(type: string | ImageNeeds["environmentType"]): "x86_64" | "arm64" | undefined {
  if (type === undefined) return undefined;
  if (type.startsWith("ARM_")) return "arm64";
  return type.startsWith("LINUX_") ? "x86_64" : undefined;
}
