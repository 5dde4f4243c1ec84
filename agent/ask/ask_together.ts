import { isHere, type Lifecycle, type LifecycleEvent } from "../life/lifecycle_state.ts";
import type { Action } from "../life/next_action.ts";
import { countRanElsewhere } from "../life/ran_elsewhere.ts";
import { askBitbucket, type Asking, isCompleted, listSteps, viewOf } from "./ask_bitbucket.ts";
import { debtShares, servedForOthers } from "./debt_shares.ts";
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
  const { team, results } = asking;
  const { life } = member;
  const alone = () => askBitbucket(asking, life, action, signal, team.others(member).map(({ life }) => life));
  switch (action.type) {
    case "look at pipeline":
      return await team.ask("pipeline", member, async () => {
        const event = await alone();
        return ({ life }) => isHere(life) && life.pool.over === undefined ? event : undefined;
      });
    case "look elsewhere":
      return await team.ask("elsewhere", member, () => lookElsewhere(asking, life, signal));
    case "look at others": {
      // One that leaves asks whether somebody can have handed it a step since: no earlier answer will do.
      const key = life.stage === "leaving" ? `others for ${member.uuid}` : "others";
      return await team.ask(key, member, async () => {
        const event = await alone();
        return (one) => one === member || isCounting(one.life) ? event : undefined;
      });
    }
    case "look at step": {
      const { stepUuid, pipelineUuid } = action.step;
      if (results?.of(stepUuid) !== undefined) return { type: "step seen", completed: true };
      const steps = await team.once(
        `steps of ${pipelineUuid}`,
        () => listSteps(asking, pipelineUuid, signal),
      );
      return { type: "step seen", completed: isCompleted(steps, stepUuid) };
    }
    case "look at runner":
      if (team.members.length === 1 || !isServing(life)) return await alone();
      return await team.ask("runners", member, () => lookAtRunners(asking, signal)) ?? await alone();
    default:
      return await alone();
  }
}

/** Whether a runner has been told what it owes, and waits to hear of others. */
function isCounting(life: Lifecycle): boolean {
  return life.stage === "watching" && life.pool.over !== undefined && life.pool.debt !== undefined;
}

/** Whether its words tell of a step, so that a look only reconciles. */
function isServing(life: Lifecycle): boolean {
  return isHere(life) && life.work.kind === "step" && life.work.heardBy === "words";
}

/** What the build's runners have served counts as one. */
async function lookElsewhere(
  asking: AskingTogether,
  life: Lifecycle,
  signal: AbortSignal,
): Promise<Meaning> {
  const { team, runner } = asking;
  const steps = await listSteps(asking, life.settings.pipelineUuid, signal);
  const lives = team.members.map(({ life }) => life);
  const ranElsewhere = countRanElsewhere(steps, {
    runnerUuids: team.members.map(({ uuid }) => uuid),
    servedSteps: lives.flatMap(stepsOf),
    launcherStep: runner.launcherStep,
  });
  const shares = debtShares(lives, ranElsewhere);
  return (member) => {
    const share = shares[team.members.indexOf(member)];
    if (share === undefined) return undefined;
    return { type: "elsewhere seen", ranElsewhere: share + servedForOthers(member.life) };
  };
}

function stepsOf(life: Lifecycle): string[] {
  const atWork = isHere(life) && life.work.kind === "step" ? [life.work.step] : [];
  return [...life.served, ...atWork].map(({ stepUuid }) => stepUuid);
}

/** A list that was asked for before a step began says nothing of it. */
async function lookAtRunners(asking: AskingTogether, signal: AbortSignal): Promise<Meaning> {
  const askedMs = asking.now();
  const runners = await asking.runner.bitbucket.listRunners({ signal });
  return ({ uuid, life }) => {
    const began = isHere(life) && life.work.kind === "step" ? life.work.since : Infinity;
    const found = runners.find((runner) => runner.uuid === uuid);
    if (!isServing(life) || began > askedMs || found === undefined) return undefined;
    return { type: "runner seen", runner: viewOf(found) };
  };
}
