import { RUNNER_TYPES } from "../../../shared/settings/runner_type.ts";
import type { FaultKind, FaultOrder } from "../../local_cloud/server/faults.ts";
import type { Assets } from "../release_assets.ts";
import { publishRelease } from "../publish_release.ts";
import { brokenPromises, missingPieces, type Piece } from "./promises.ts";
import { sampleImages } from "./sample_images.ts";
import { type Scenario, SCENARIOS } from "./scenarios.ts";
import { PUBLISHING_CALLS, type PublishingCall, setStage, type Stage } from "./stage.ts";

/** A fault of a call of publishing. */
export type PublishingFault = FaultOrder<PublishingCall>;

/** What one play came to: how each run ended, and what is wrong with that; nothing is as it should be. */
export interface Outcome {
  readonly name: string;
  readonly endings: readonly string[];
  readonly wrong: readonly string[];
}

const COMMIT = "1f".repeat(20);
const TAG = "v1.2.3";

/** What breaks a call on its way, in each of the ways that matter to whoever publishes. */
const KINDS: readonly FaultKind[] = [
  "502",
  "429",
  "reset before",
  "reset after",
  "hang",
  "truncated",
  "forbidden",
];

/** Plays every scenario, and every fault at every call, once and lasting; after each, one more run without it. */
export async function rehearse(assets: Assets): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const scenario of SCENARIOS) outcomes.push(await playScenario(scenario, assets));
  for (const call of PUBLISHING_CALLS) {
    for (const kind of KINDS) {
      for (const times of kind === "hang" ? [1] : [1, Infinity]) {
        outcomes.push(await playFaults([{ call, kind, times }], assets));
      }
    }
  }
  return outcomes;
}

/** Publishes while faults strike, then once more without them. */
export async function playFaults(faults: readonly PublishingFault[], assets: Assets): Promise<Outcome> {
  await using stage = await setStage();
  const piece = await pieceFor(stage, TAG, assets);
  for (const fault of faults) stage.faults.inject(fault);
  const first = await run(stage, piece);
  stage.faults.clear();
  const second = await run(stage, piece);
  const name = faults.map(({ call, kind, times = 1 }) => `${call}=${kind}:${times}`).join(" ");
  return {
    name,
    endings: [first.ending, second.ending],
    wrong: [
      ...first.wrong,
      ...second.wrong,
      ...(second.failed ? [`the next run fails: ${second.ending}`] : []),
    ],
  };
}

async function playScenario(scenario: Scenario, assets: Assets): Promise<Outcome> {
  await using stage = await setStage();
  const piece = await pieceFor(stage, scenario.tag ?? TAG, assets);
  await scenario.before?.(stage, piece);
  // What is out in the wrong form was not this program's doing, and must only not be touched.
  const foreign = scenario.again === "is refused";
  const first = await run(stage, piece, foreign);
  const particular = scenario.after?.(stage, piece) ?? [];
  const expected = scenario.refusal === undefined ? !first.failed : scenario.refusal.test(first.ending);
  if (!foreign) undo(stage, piece);
  const second = await run(stage, piece, foreign);
  const secondExpected = foreign ? scenario.refusal?.test(second.ending) : !second.failed;
  return {
    name: scenario.name,
    endings: [first.ending, second.ending],
    wrong: [
      ...first.wrong,
      ...second.wrong,
      ...particular,
      ...(expected ? [] : [`it ends otherwise than it should: ${first.ending}`]),
      ...(secondExpected ? [] : [`the next run ends otherwise than it should: ${second.ending}`]),
    ],
  };
}

/** What somebody has to mend is mended. */
function undo({ github, registry }: Stage, { tag, commit }: Piece): void {
  github.meanwhile = () => {};
  github.tags.set(tag, commit);
  registry.isPublic = true;
}

async function pieceFor(stage: Stage, tag: string, assets: Assets): Promise<Piece> {
  stage.github.tags.set(tag, COMMIT);
  const families = await Promise.all(
    RUNNER_TYPES.map(async (type) => stage.family(type, await sampleImages(type))),
  );
  return { tag, commit: COMMIT, assets, families };
}

async function run(
  stage: Stage,
  piece: Piece,
  foreign = false,
): Promise<{ ending: string; failed: boolean; wrong: string[] }> {
  const before = published(stage, piece);
  let ending = "published";
  let failed = false;
  try {
    await publishRelease({ ...piece, releases: stage.releases, notes: "Notes.\n", say: () => {} });
  } catch (error) {
    failed = true;
    ending = error instanceof Error ? error.message : String(error);
  }
  const touched = before !== undefined && published(stage, piece) !== before;
  return {
    ending,
    failed,
    wrong: [
      ...(foreign ? [] : brokenPromises(stage, piece)),
      ...(failed ? [] : missingPieces(stage, piece)),
      ...(touched ? ["a release that was out was touched"] : []),
    ],
  };
}

/** What is out of the tag, for comparison. */
function published({ github }: Stage, { tag }: Piece): string | undefined {
  const found = github.releases.find((release) => release.tag === tag && !release.draft);
  return found && `${found.id} ${found.assets.map(({ id, name }) => `${id} ${name}`).join()}`;
}
