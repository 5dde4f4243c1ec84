import { closestWord } from "../../shared/settings/closest_word.ts";

/** AWS's regions, and when that was all of them; there may be more by now. Source: AWS's list of regions. */
export const REGIONS_AS_OF = "November 2026";

const REGIONS: readonly string[] = [
  "af-south-1",
  "ap-east-1",
  "ap-east-2",
  "ap-northeast-1",
  "ap-northeast-2",
  "ap-northeast-3",
  "ap-south-1",
  "ap-south-2",
  "ap-southeast-1",
  "ap-southeast-2",
  "ap-southeast-3",
  "ap-southeast-4",
  "ap-southeast-5",
  "ap-southeast-6",
  "ap-southeast-7",
  "ca-central-1",
  "ca-west-1",
  "cn-north-1",
  "cn-northwest-1",
  "eu-central-1",
  "eu-central-2",
  "eu-north-1",
  "eu-south-1",
  "eu-south-2",
  "eu-west-1",
  "eu-west-2",
  "eu-west-3",
  "eusc-de-east-1",
  "il-central-1",
  "me-central-1",
  "me-south-1",
  "mx-central-1",
  "sa-east-1",
  "us-east-1",
  "us-east-2",
  "us-gov-east-1",
  "us-gov-west-1",
  "us-west-1",
  "us-west-2",
];

/** What is odd about a region's name, with what was perhaps meant; undefined for one that is known. */
export function regionProblem(name: string): string | undefined {
  if (REGIONS.includes(name)) return undefined;
  const meant = closestRegion(name);
  const advice = meant === undefined ? "" : `; did you mean ${meant}?`;
  return `there was no AWS region ${name} in ${REGIONS_AS_OF}${advice}`;
}

/** A digit too many is a slip more often than one for another. */
function closestRegion(name: string): string | undefined {
  const within = (one: string) => one.startsWith(name) || name.startsWith(one);
  return REGIONS.find(within) ?? closestWord(name, REGIONS);
}
