import { type DoorMove, nextDoorMove, wantsFreshRunner } from "../judge/door_moves.ts";
import type { DoorForm, Doors, Findings } from "../judge/findings.ts";
import { bodyOf, isClosed, type SeenRunner, succeeded } from "../judge/read_answer.ts";
import { USUAL_LABELS } from "./find_creation.ts";
import { lookUp, type Probe } from "./probe.ts";
import type { OwnRunner } from "./probe_runners.ts";

/** How long a change may take until it can be read back, in milliseconds. */
const SETTLE_MS = 500;

/** Which requests close a runner and open it again, and what it shows then. */
export async function findDoors(probe: Probe, base: OwnRunner): Promise<Partial<Findings>> {
  const found = await tryDoors(probe, base, { closing: {}, reopening: {} });
  if (!wantsFreshRunner(found)) return found;
  const fresh = { name: `${probe.prefix}door`, labels: [...USUAL_LABELS, probe.label] };
  const { uuid } = bodyOf<SeenRunner>(await probe.runners.create(fresh, probe.signal));
  return uuid === undefined ? found : await tryDoors(probe, { ...fresh, uuid }, found);
}

type DoorFindings = Pick<Findings, "closing" | "reopening"> & Partial<Findings>;

async function tryDoors(probe: Probe, runner: OwnRunner, known: DoorFindings): Promise<DoorFindings> {
  let found = known;
  let closed = false;
  for (let move; (move = nextDoorMove({ ...found, closed })) !== undefined;) {
    const seen = await makeMove(probe, runner, move);
    const works = seen !== undefined;
    if (works) closed = !closed;
    found = { ...found, ...(seen && shown(move, seen)), ...told(found, move, works) };
  }
  return found;
}

function told(found: DoorFindings, { action, form }: DoorMove, works: boolean): Partial<Findings> {
  const result: Doors = { [form]: works };
  return action === "close"
    ? { closing: { ...found.closing, ...result } }
    : { reopening: { ...found.reopening, ...result } };
}

function shown({ action }: DoorMove, { state }: SeenRunner): Partial<Findings> {
  const status = state?.status ?? "";
  if (action === "reopen") return { reopenedShows: status };
  return { closedShows: status === "DISABLED" ? "DISABLED" : "cordoned" };
}

/** The runner after the move; undefined where it made no difference. */
async function makeMove(probe: Probe, runner: OwnRunner, move: DoorMove): Promise<SeenRunner | undefined> {
  const status = move.action === "close" ? "DISABLED" : "ENABLED";
  if (!await putState(probe, runner, move.form, { status })) return undefined;
  for (const pauseMs of [0, SETTLE_MS]) {
    await probe.host.sleep(pauseMs, probe.signal);
    const seen = await lookUp(probe, runner.uuid);
    if (isClosed(seen) === (move.action === "close")) return seen;
  }
  return undefined;
}

/** Asks for another state, by the runner itself or by the older address that Atlassian's autoscaler uses. */
export async function putState(
  { client, urls, signal }: Probe,
  { uuid, name, labels }: OwnRunner,
  form: DoorForm,
  state: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  const request = form === "public"
    ? { url: urls.runners(uuid), json: { name, labels, state } }
    : { url: urls.runnerState(uuid), json: state };
  return succeeded(await client.send({ name: "change runner", method: "PUT", ...request }, signal));
}

/** Whether `cordoned`, a field that is read, can be written too; tried on a runner of its own. */
export async function findCordoned(probe: Probe): Promise<Partial<Findings>> {
  const second = { name: `${probe.prefix}second`, labels: [...USUAL_LABELS, probe.label] };
  const { uuid } = bodyOf<SeenRunner>(await probe.runners.create(second, probe.signal));
  if (uuid === undefined) return {};
  await putState(probe, { ...second, uuid }, "public", { cordoned: true });
  return { cordonedSettable: (await lookUp(probe, uuid)).state?.cordoned === true };
}
