import assert from "node:assert/strict";
import { parsePipelineFile } from "../../../scripts/local_cloud/pipelines/pipeline_file.ts";
import { labelTrials, STRICT_TRIALS } from "../../../scripts/probe/judge/creation_trials.ts";
import {
  type DoorKnowledge,
  nextDoorMove,
  wantsFreshRunner,
} from "../../../scripts/probe/judge/door_moves.ts";
import { factsFrom } from "../../../scripts/probe/judge/fact_table.ts";
import type { Findings } from "../../../scripts/probe/judge/findings.ts";
import {
  type Limit,
  type LimitSearch,
  NAME_LENGTHS,
  nextToTry,
  PAGE_LENGTHS,
} from "../../../scripts/probe/judge/limit_search.ts";
import { profileFrom } from "../../../scripts/probe/judge/profile.ts";
import { factTable } from "../../../scripts/probe/judge/report.ts";
import { samplePipeline } from "../../../scripts/probe/step/sample_pipeline.ts";
import { labelsFilled } from "../../../scripts/probe/step/step_state.ts";

Deno.test("nextToTry() finds every limit, and likely ones with few tries", () => {
  for (const search of [NAME_LENGTHS, PAGE_LENGTHS]) {
    for (let limit = 20; limit < search.most; limit++) {
      assert.deepEqual(searchFor(search, limit).found, { taken: limit, refused: limit + 1 });
    }
    assert.deepEqual(searchFor(search, Infinity).found, { taken: search.most, refused: null });
  }
  assert.deepEqual([50, Infinity, 128].map((limit) => searchFor(NAME_LENGTHS, limit).tries), [2, 2, 2]);
  assert.equal(searchFor(PAGE_LENGTHS, 100).tries, 2);
});

function searchFor(search: LimitSearch, limit: number): { found: Limit; tries: number } {
  let found: Limit = { taken: 19, refused: null };
  let tries = 0;
  for (let next; (next = nextToTry(search, found)) !== undefined; tries++) {
    found = next <= limit ? { ...found, taken: next } : { ...found, refused: next };
  }
  return { found, tries };
}

const FORMS = [[], ["public"], ["state"], ["public", "state"]];

Deno.test("nextDoorMove() tells both forms of closing, and of opening where anything closes, with two runners at most", () => {
  for (const closers of FORMS) {
    for (const openers of FORMS) {
      let known: Omit<DoorKnowledge, "closed"> = { closing: {}, reopening: {} };
      known = playDoors(known, closers, openers);
      if (wantsFreshRunner(known)) known = playDoors(known, closers, openers);
      const told = (forms: readonly string[]) => ({
        public: forms.includes("public"),
        state: forms.includes("state"),
      });
      assert.deepEqual(known.closing, told(closers));
      assert.deepEqual(known.reopening, closers.length === 0 ? {} : told(openers));
    }
  }
});

function playDoors(
  known: Omit<DoorKnowledge, "closed">,
  closers: readonly string[],
  openers: readonly string[],
): Omit<DoorKnowledge, "closed"> {
  let [closed, { closing, reopening }] = [false, known];
  for (let move; (move = nextDoorMove({ closed, closing, reopening })) !== undefined;) {
    const works = (move.action === "close" ? closers : openers).includes(move.form);
    if (move.action === "close") closing = { ...closing, [move.form]: works };
    else reopening = { ...reopening, [move.form]: works };
    if (works) closed = !closed;
  }
  return { closing, reopening };
}

Deno.test("labelTrials() tries ten and eleven custom labels, each set with a label of the run's own", () => {
  const trials = labelTrials("probe1234");
  assert.deepEqual([trials["ten, one of 50 characters"]?.length, trials["eleven"]?.length], [10, 11]);
  assert.deepEqual(trials["51 characters"]?.map((label) => label.length), [9, 51]);
  for (const labels of Object.values(trials)) assert.equal(labels[0], "probe1234");
});

Deno.test("factsFrom() tells what is as expected, what is other and what was not told", () => {
  const facts = factsFrom({ createStatus: 201, nameLength: { taken: 50, refused: 51 } }, false);
  const verdicts = new Map(facts.map(({ name, seen, verdict }) => [name, [seen, verdict]]));
  assert.deepEqual(verdicts.get("status of POST"), ["201", "other"]);
  assert.deepEqual(verdicts.get("longest name"), ["50", "as expected"]);
  assert.deepEqual(verdicts.get("a closed runner shows"), ["", "not told"]);
  assert.equal(verdicts.has("state.step while a step runs"), false);
  assert.ok(factsFrom({}, true).some(({ name }) => name === "state.step while a step runs"));
});

Deno.test("factTable() marks what differs and what was not told", () => {
  const table = factTable([
    { name: "longest name", expected: "50", seen: "63", verdict: "other" },
    { name: "status of POST", expected: "200", seen: "200", verdict: "as expected" },
    { name: "a closed runner shows", expected: "DISABLED", seen: "", verdict: "not told" },
  ]);
  assert.deepEqual(table.split("\n"), [
    "   Fact                   Expected  Seen",
    "!  longest name           50        63",
    "   status of POST         200       200",
    "?  a closed runner shows  DISABLED  not told",
    "",
  ]);
});

Deno.test("profileFrom() leaves out what was not told, and writes no limit as null", () => {
  assert.deepEqual(profileFrom({}), {});
  assert.deepEqual(profileFrom({ nameLength: { taken: 128, refused: null } }), { longestName: null });
});

Deno.test("profileFrom() calls the label grammar loose when one of its trials is taken, strict when none is", () => {
  const strict = Object.fromEntries(
    STRICT_TRIALS.map((name) => [name, { outcome: "refused", note: "" } as const]),
  );
  const grammar = (labels: Findings["labels"]) => profileFrom({ labels })["labelGrammar"];
  assert.equal(grammar(strict), "strict");
  for (const name of STRICT_TRIALS) {
    assert.equal(grammar({ ...strict, [name]: { outcome: "taken", note: "" } }), "loose");
  }
  assert.equal(grammar({ linuxfoo: { outcome: "refused", note: "" } }), undefined);
  assert.deepEqual(STRICT_TRIALS.filter((name) => !(name in labelTrials("probe1234"))), []);
});

Deno.test("samplePipeline() asks for the run's label, and for the branch where it can be one", () => {
  const [items] = [parsePipelineFile(samplePipeline({ label: "probe1234", branch: "main" }))];
  assert.deepEqual(items[0]?.map(({ runsOn }) => runsOn), [
    ["self.hosted", "linux.shell", "probe1234"],
    ["self.hosted", "linux.shell", "probe1234", "${{BITBUCKET_BRANCH}}"],
  ]);
  assert.equal(parsePipelineFile(samplePipeline({ label: "probe1234", branch: "feature/A" }))[0]?.length, 1);
});

Deno.test("labelsFilled() takes a step that waits or has been served for one whose label was filled in", () => {
  const over = (name: string) => ({ state: { name: "COMPLETED", result: { name } } });
  assert.deepEqual([over("ERROR"), over("FAILED")].map(labelsFilled), [false, false]);
  assert.deepEqual([over("SUCCESSFUL"), { state: { name: "READY" } }].map(labelsFilled), [true, true]);
});
