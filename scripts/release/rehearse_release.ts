import { ARCHITECTURES } from "../programs/asset_names.ts";
import { programSource } from "../programs/program_source.ts";
import { readAssets } from "../publish/release_assets.ts";
import { parseFault } from "../publish/rehearsal/fault_words.ts";
import { type Outcome, playFaults, rehearse } from "../publish/rehearsal/rehearse.ts";
import { makeStandInArchive } from "../local_cloud/stand_in/stand_in_archive.ts";
import { makeRelease } from "./make_release.ts";

export interface RehearsalOptions {
  /** Assets made before; without them they are made from source. */
  readonly assets?: string | undefined;
  /** As in `UploadAsset=502:2`; all scenarios and faults without any. */
  readonly faults: readonly string[];
  readonly say: (line: string) => void;
}

/**
 * Plays what can be played here of a release: assets are made, and published to stand-ins for GitHub and a registry on
 * this machine, in each way in which that is known to go wrong. True when nothing was half done and nothing stayed broken.
 */
export async function rehearseRelease({ assets, faults, say }: RehearsalOptions): Promise<boolean> {
  const orders = faults.map(parseFault);
  const folder = await Deno.makeTempDir({ prefix: "release-rehearsal-" });
  try {
    const made = await readAssets(assets ?? await makeAssets(folder, say));
    say(`Publishing ${made.size} assets, and images for ${ARCHITECTURES.join(" and ")}, to stand-ins`);
    const outcomes = orders.length === 0 ? await rehearse(made) : [await playFaults(orders, made)];
    for (const outcome of outcomes) say(outcomeLine(outcome));
    const wrong = outcomes.filter((outcome) => outcome.wrong.length > 0);
    say(`${outcomes.length - wrong.length} plays ended as they should, ${wrong.length} did not`);
    return wrong.length === 0;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function makeAssets(folder: string, say: (line: string) => void): Promise<string> {
  say("Making the assets from source");
  const runner = `${folder}/runner.tar.gz`;
  await makeStandInArchive(runner);
  const out = `${folder}/assets`;
  await makeRelease({
    out,
    program: programSource({ form: "from source" }, { say }),
    atlassianRunnerFile: runner,
    say,
  });
  return out;
}

function outcomeLine({ name, endings, wrong }: Outcome): string {
  const ends = endings.map((ending) => ending.length > 100 ? `${ending.slice(0, 100)}…` : ending);
  const verdict = wrong.length === 0 ? "ok  " : "FAIL";
  return [`${verdict} ${name}: ${ends.join(" | ")}`, ...wrong.map((one) => `       ${one}`)].join("\n");
}
