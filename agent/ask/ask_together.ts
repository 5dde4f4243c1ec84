import { isHere, type Lifecycle, type LifecycleEvent } from "../life/lifecycle_state.ts";
import type { Action } from "../life/next_action.ts";
import { countRanElsewhere } from "../life/ran_elsewhere.ts";
import { askBitbucket, type Asking, listSteps, stepSeen, viewOf } from "./ask_bitbucket.ts";
import { elsewhereMeaning, othersMeaning, pipelineMeaning, runnersMeaning, sharedLook } from "./meanings.ts";
import type { Meaning, Member, Team } from "./team.ts";

export interface AskingTogether extends Asking {
  readonly team: Team;
  /** In monotonic milliseconds. */
  readonly now: () => number;
}

/**
 * Asks for what a runner wants to know so that it serves the build's others too: they are told of pipelines as it is, share one
 * account of steps, and one look at all runners. Rejects when the call fails; undefined where there is nothing to say.
 */
export async function askTogether(
  asking: AskingTogether,
  member: Member,
  action: Action,
  signal: AbortSignal,
): Promise<LifecycleEvent | undefined> {
  const { team } = asking;
  const { life } = member;
  const alone = () => askBitbucket(asking, life, action, signal, team.others(member).map(({ life }) => life));
  const shared = sharedLook(action, member, team.members.length);
  const ask = (look: () => Promise<Meaning>) => team.ask(shared ?? action.type, member, look);
  switch (action.type) {
    case "look at pipeline":
      return await ask(async () => pipelineMeaning(await alone()));
    case "look elsewhere":
      return await ask(() => lookElsewhere(asking, life, signal));
    case "look at others": {
      const askedMs = asking.now();
      return await ask(async () => othersMeaning(await alone(), askedMs));
    }
    case "look at step": {
      const { stepUuid, pipelineUuid } = action.step;
      const list = () => listSteps(asking, pipelineUuid, signal);
      const steps = await team.once(`steps of ${pipelineUuid}`, member, list);
      return stepSeen(steps, stepUuid);
    }
    case "look at runner":
      if (shared === undefined) return await alone();
      return await ask(() => lookAtRunners(asking, signal)) ?? await alone();
    default:
      return await alone();
  }
}

async function lookElsewhere(
  { team, runner, ...asking }: AskingTogether,
  life: Lifecycle,
  signal: AbortSignal,
): Promise<Meaning> {
  const steps = await listSteps({ ...asking, runner }, life.settings.pipelineUuid, signal);
  const ranElsewhere = countRanElsewhere(steps, {
    runnerUuids: team.members.map(({ uuid }) => uuid),
    servedSteps: team.members.flatMap(({ life }) => stepsOf(life)),
    launcherStep: runner.launcherStep,
  });
  return elsewhereMeaning(team.members, ranElsewhere);
}

function stepsOf(life: Lifecycle): string[] {
  const atWork = isHere(life) && life.work.kind === "step" ? [life.work.step] : [];
  return [...life.served, ...atWork].map(({ stepUuid }) => stepUuid);
}

async function lookAtRunners(asking: AskingTogether, signal: AbortSignal): Promise<Meaning> {
  const askedMs = asking.now();
  const runners = await asking.runner.bitbucket.listRunners({ signal });
  return runnersMeaning((uuid) => viewOf(runners.find((runner) => runner.uuid === uuid)), askedMs);
}
