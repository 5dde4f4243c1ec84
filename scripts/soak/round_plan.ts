import type { BitbucketSettings } from "../local_cloud/pipelines/bitbucket_settings.ts";
import { CALL_NAMES, FAULT_KINDS, type FaultOrder } from "../local_cloud/server/faults.ts";
import type { FlowPlan } from "./flow.ts";
import { SeededRandom } from "./seeded_random.ts";

/** What somebody or something does to a flow in the middle of it. */
export const INTERRUPTIONS = [
  "start-runner gets SIGINT",
  "start-runner gets SIGTERM",
  "start-runner gets SIGKILL",
  "agent gets SIGTERM",
  "agent gets SIGKILL",
  "runner gets SIGKILL",
  "pipeline is stopped",
  "build is stopped",
  "build times out",
  "container vanishes",
] as const;
export type Interruption = typeof INTERRUPTIONS[number];

export interface PlannedPipeline extends FlowPlan {
  readonly startMs: number;
}

/** One round: pipelines that share a repository and all labels, and what befalls them. */
export interface RoundPlan {
  readonly seed: number;
  readonly bitbucket: Partial<BitbucketSettings>;
  readonly pipelines: readonly PlannedPipeline[];
  readonly faults: readonly FaultOrder[];
  readonly interruption: { readonly kind: Interruption; readonly atMs: number } | undefined;
}

/** The round of a seed. An interruption befalls the first pipeline. */
export function planRound(seed: number): RoundPlan {
  const random = new SeededRandom(seed);
  const alone = random.chance(0.5);
  return {
    seed,
    bitbucket: planBitbucket(random),
    pipelines: Array.from({ length: alone ? 1 : random.between(2, 4) }, () => planPipeline(random)),
    faults: planFaults(random),
    interruption: random.chance(alone ? 0.7 : 0.4)
      ? { kind: random.pick(INTERRUPTIONS), atMs: random.between(100, 4500) }
      : undefined,
  };
}

function planBitbucket(random: SeededRandom): Partial<BitbucketSettings> {
  return {
    closeForm: random.pick(["public", "public", "state", "none"]),
    showsStep: random.chance(0.7),
    showsRunner: random.chance(0.2),
    scopeField: random.pick(["scope", "scopes"]),
    tokenLifetimeS: random.pick([7200, 7200, 4]),
    rateLimitHeaders: random.pick(["none", "limit", "draft"]),
    pickUpMs: random.pick([0, 50, 300]),
  };
}

const COMMANDS = ["true", "sleep 0.3", "sleep 1", "sleep 2"];
const FAILING_COMMANDS = ["exit 3", "sleep 0.5; exit 1"];

function planPipeline(random: SeededRandom): PlannedPipeline {
  const multiStep = random.chance(0.5);
  const steps = Array.from({ length: multiStep ? random.between(1, 3) : 1 }, () => random.pick(COMMANDS));
  if (random.chance(0.2)) steps[steps.length - 1] = random.pick(FAILING_COMMANDS);
  return { steps, multiStep, startMs: random.between(0, 2000) };
}

/** One for a call at most: that is what every call has to stand. */
function planFaults(random: SeededRandom): FaultOrder[] {
  return random.sample(CALL_NAMES, random.between(0, 4)).map((call) => ({
    call,
    kind: random.pick(
      FAULT_KINDS.filter((kind) => kind !== "forbidden" && (kind !== "conflict" || changes(call))),
    ),
    after: random.between(0, 3),
  }));
}

function changes(call: string): boolean {
  return /^(Create|Update|Delete)Runner/.test(call);
}
