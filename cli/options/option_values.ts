import { MOST_RUNNERS } from "../../shared/leftovers/runner_name.ts";
import { PROJECTS_VARIABLES, type ProjectsVariable } from "../../shared/settings/guarded_variables.ts";
import { uuid, wholeNumber, yesOrNo } from "../../shared/settings/parse_value.ts";
import { InvalidValue, type Setting } from "../../shared/settings/settings.ts";
import { unusableImage } from "./build_image.ts";

const SIZES = ["small", "medium", "large", "xlarge", "2xlarge"] as const;
type ComputeType = `BUILD_GENERAL1_${Uppercase<typeof SIZES[number]>}`;

/** A CodeBuild project's name. Source: the pattern in CodeBuild's API model. */
export function projectName(value: string): string {
  if (/^[A-Za-z0-9][\w-]{1,149}$/.test(value)) return value;
  throw new InvalidValue("a CodeBuild project name: 2 to 150 letters, digits, hyphens and underscores");
}

/** An AWS region's name, as in `eu-west-1` or `us-gov-east-1`. */
export function regionName(value: string): string {
  if (/^[a-z]{2,4}(-[a-z]{1,20}){1,4}-\d{1,2}$/.test(value)) return value;
  throw new InvalidValue("the name of an AWS region, as in eu-west-1");
}

/** The ARN of an IAM role, in any of AWS's partitions. */
export function roleArn(value: string): string {
  if (/^arn:aws[\w-]{0,20}:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/.test(value)) return value;
  throw new InvalidValue("the ARN of an IAM role, as in arn:aws:iam::123456789012:role/start-runner");
}

/** A KMS key, by its id, its ARN or an alias of it. Source: the parameter `KeyId` of KMS's Encrypt. */
export function kmsKey(value: string): string {
  const key = value.trim();
  if (/^(arn:aws[\w-]*:kms:[\w-]+:\d{12}:)?(key\/)?(mrk-)?[0-9a-f-]{32,36}$/i.test(key)) return key;
  if (/^(arn:aws[\w-]*:kms:[\w-]+:\d{12}:)?alias\/[\w/-]{1,250}$/.test(key)) return key;
  throw new InvalidValue("the id, the ARN or an alias of a KMS key, as in alias/bitbucket-runner");
}

/** Names of variables that otherwise only the project sets, separated by commas. */
export function projectsVariables(value: string): readonly ProjectsVariable[] {
  const names = value.split(",").map((name) => name.trim()).filter((name) => name !== "");
  const known = PROJECTS_VARIABLES.filter((name) => names.includes(name));
  if (names.length > 0 && names.every((name) => known.some((one) => one === name))) return known;
  throw new InvalidValue(`one or more of ${PROJECTS_VARIABLES.join(", ")}, separated by commas`);
}

/** A fleet of reserved machines, by its name or its ARN. Sources: CodeBuild's API model; service authorization reference. */
export function fleetNameOrArn(value: string): string {
  const fleet = value.trim();
  if (/^[A-Za-z0-9][\w-]{1,127}$/.test(fleet)) return fleet;
  if (/^arn:aws[\w-]{0,20}:codebuild:[a-z\d-]{1,40}:\d{12}:fleet\/[\w-]{2,128}:[\w-]{1,128}$/.test(fleet)) {
    return fleet;
  }
  throw new InvalidValue(
    "the name of a fleet, or its whole ARN, as in arn:aws:codebuild:eu-west-1:123456789012:fleet/NAME:ID",
  );
}

/** The compute types that say nothing of a size, since a fleet's own configuration does. Source: CodeBuild's API model. */
export const FLEET_COMPUTE_TYPES = ["ATTRIBUTE_BASED_COMPUTE", "CUSTOM_INSTANCE_TYPE"] as const;

/** A compute type in CodeBuild's words; takes the short forms too. */
export function computeType(value: string): ComputeType | typeof FLEET_COMPUTE_TYPES[number] {
  const ofFleet = FLEET_COMPUTE_TYPES.find((one) => one === value.trim());
  if (ofFleet !== undefined) return ofFleet;
  const short = value.trim().toLowerCase().replace(/^build_general1_/, "");
  const size = SIZES.find((one) => one === short);
  if (size !== undefined) return `BUILD_GENERAL1_${size.toUpperCase()}` as ComputeType;
  const reason = /lambda/i.test(value)
    ? "; Lambda compute has no root and no Docker and ends after 15 minutes, so no runner can run there"
    : "";
  throw new InvalidValue(`one of ${SIZES.join(", ")}, or BUILD_GENERAL1_SMALL and so on${reason}`);
}

/** A build image's name. */
export function buildImage(value: string): string {
  const image = value.trim();
  if (!/^[!-~]{1,512}$/.test(image)) {
    throw new InvalidValue("an image name, as in aws/codebuild/amazonlinux-x86_64-standard:5.0");
  }
  const reason = unusableImage(image);
  if (reason !== undefined) throw new InvalidValue(`an image on which a runner can run: ${reason}`);
  return image;
}

/** How many runners a build hosts, or that the pipeline's file is to tell that. */
export function runnerCount(value: string): number | "auto" {
  if (value.trim() === "auto") return "auto";
  return wholeNumber(1, MOST_RUNNERS, "runners", ", or auto")(value);
}

/** The path of a file that may not be there yet. */
export function filePath(value: string): string {
  if (/^[^\p{Cc}]{0,4000}[^\p{Cc}/]$/u.test(value)) return value;
  throw new InvalidValue("the path of a file, as in runner.json");
}

const UNITS_MS: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 24 * 3_600_000,
  w: 7 * 24 * 3_600_000,
};

/** A time span as people write it, as in `12h`; CodeBuild keeps its records for a year. */
export function timeSpan(value: string): string {
  const span = value.trim();
  const ms = /^\d{1,6}[mhdw]$/.test(span) ? spanMs(span) : 0;
  if (ms > 0 && ms <= spanMs("366d")) return span;
  throw new InvalidValue("a time span up to a year, as in 90m, 12h, 1d or 2w");
}

/** A time span of `timeSpan()` in milliseconds. */
export function spanMs(span: string): number {
  return Number(span.slice(0, -1)) * (UNITS_MS[span.slice(-1)] ?? 0);
}

/** An option that is on where it is given, whatever the environment says. */
export function switchOption(flag: string, help: string) {
  return { flag, variables: [], help, parse: yesOrNo, fallback: false } as const satisfies Setting<boolean>;
}

/** How far back a command looks, as in `12h`. */
export function sinceOption(fallback: string) {
  return {
    flag: "--since <span>",
    variables: [],
    help: "how far back to look, in minutes, hours, days or weeks, as in 90m, 12h, 1d, 2w",
    parse: timeSpan,
    fallback,
  } as const satisfies Setting<string>;
}

/** A setting of the step's that may be missing elsewhere. */
export function optionalUuid({ variables, help }: Pick<Setting<string>, "variables" | "help">) {
  return { variables, help, parse: uuid } as const satisfies Setting<string>;
}
