import { labelTrials, nameTrials } from "../judge/creation_trials.ts";
import type { Findings, Trial } from "../judge/findings.ts";
import { type Limit, NAME_LENGTHS, nextToTry } from "../judge/limit_search.ts";
import { USUAL_LABELS } from "./find_creation.ts";
import { type Probe, tryRunner } from "./probe.ts";

/** How long names may be. */
export async function findNameLength(probe: Probe): Promise<Partial<Findings>> {
  const labels = [...USUAL_LABELS, probe.label];
  // The runner that is there bears a name of that length.
  let nameLength: Limit = { taken: `${probe.prefix}base`.length, refused: null };
  for (let length; (length = nextToTry(NAME_LENGTHS, nameLength)) !== undefined;) {
    const { outcome } = await tryRunner(probe, { name: probe.prefix.padEnd(length, "x"), labels });
    nameLength = outcome === "taken" ? { ...nameLength, taken: length } : { ...nameLength, refused: length };
  }
  return { nameLength };
}

/** Which characters names may have. */
export async function findNames(probe: Probe): Promise<Partial<Findings>> {
  const labels = [...USUAL_LABELS, probe.label];
  return { names: await tryEach(nameTrials(probe.prefix), (name) => tryRunner(probe, { name, labels })) };
}

/** Which labels are legal. */
export async function findLabels(probe: Probe): Promise<Partial<Findings>> {
  const tryLabels = (labels: readonly string[]) =>
    tryRunner(probe, { name: `${probe.prefix}label`, labels: [...USUAL_LABELS, ...labels] });
  return { labels: await tryEach(labelTrials(probe.label), tryLabels) };
}

async function tryEach<T>(
  trials: Readonly<Record<string, T>>,
  attempt: (tried: T) => Promise<Trial>,
): Promise<Record<string, Trial>> {
  const results: Record<string, Trial> = {};
  for (const [name, tried] of Object.entries(trials)) results[name] = await attempt(tried);
  return results;
}
