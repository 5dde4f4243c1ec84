import type { AwsOptions } from "../../shared/aws/aws_client.ts";
import { EXIT_CODES, ProgramError } from "../../shared/program/errors.ts";
import type { Host } from "../../shared/program/host.ts";
import { waitFor } from "../../shared/program/wait.ts";
import type { Logger } from "../../shared/output/log.ts";
import { cloudFormation, PROVIDER } from "../templates/cloudformation.ts";
import type { Installation } from "../templates/installation.ts";
import { yamlText } from "../templates/yaml_text.ts";
import { createStacks, type Stack, type StackEvent, type Stacks } from "./stacks.ts";

/** What applying takes. */
export interface Applying {
  readonly host: Host;
  readonly log: Logger;
  readonly options: AwsOptions;
  readonly signal: AbortSignal;
}

/** CloudFormation is done with this in about a minute; IAM may take some more. */
const LONGEST_MS = 30 * 60_000;
const LOOK_MS = 3000;

/** Makes the installation as a stack, or brings one that is there up to it. Rejects with the reason of the first failure. */
export async function applyStack(name: string, wanted: Installation, applying: Applying): Promise<void> {
  const { host, log, options, signal } = applying;
  const stacks = createStacks(options);
  const present = await stacks.find(name, signal);
  const request = {
    name,
    template: yamlText(cloudFormation(await withOwnProvider(name, wanted, { stacks, present, signal }))),
    // So that what the SDK sends twice is done once.
    token: `init-${host.now().toString(36)}-${Math.floor(host.random() * 1e9).toString(36)}`,
  };
  // Nothing ends these requests themselves: whether something goes on then is known.
  log.info(`${present === undefined ? "Making" : "Changing"} stack ${name} with CloudFormation`);
  if (present === undefined) {
    await settled(await stacks.create(request), name, { ...applying, stacks, before: [] });
    return;
  }
  const before = await stacks.events(present.id, signal);
  if (!await stacks.update(request)) {
    return log.info(`Stack ${name} is as it should be: nothing to change`);
  }
  await settled(present.id, name, { ...applying, stacks, before });
}

/** A provider that this very stack has made stays in it. */
async function withOwnProvider(
  name: string,
  wanted: Installation,
  { stacks, present, signal }: {
    readonly stacks: Stacks;
    readonly present: Stack | undefined;
    readonly signal: AbortSignal;
  },
): Promise<Installation> {
  if (present === undefined || !wanted.providerExists) return wanted;
  const own = await stacks.resources(name, signal);
  return own.includes(PROVIDER) ? { ...wanted, providerExists: false } : wanted;
}

/** Tells what comes and goes until CloudFormation is done. */
async function settled(
  id: string,
  name: string,
  { host, log, signal, stacks, before }: Applying & {
    readonly stacks: Stacks;
    readonly before: readonly StackEvent[];
  },
): Promise<void> {
  const told = new Set(before.map(({ EventId }) => EventId));
  const failures: StackEvent[] = [];
  const tell = (events: readonly StackEvent[]) => {
    for (const event of events.filter(({ EventId }) => !told.has(EventId))) {
      told.add(event.EventId);
      if (event.ResourceStatus?.endsWith("_FAILED")) failures.push(event);
      if (!event.ResourceStatus?.endsWith("_IN_PROGRESS")) log.info(`  ${eventLine(event)}`);
    }
  };
  const outcome = await waitFor(host, async () => {
    const stack = await stacks.find(id, signal);
    tell(await stacks.events(id, signal));
    return stack?.status.endsWith("_IN_PROGRESS") ? undefined : stack?.status ?? "gone";
  }, { timeoutMs: LONGEST_MS, intervalMs: () => LOOK_MS, signal }).catch((error) => {
    log.warning(
      `CloudFormation goes on with stack ${name} by itself; run it again to see, and to do the rest`,
    );
    throw error;
  });
  if (outcome.kind === "timed out") {
    throw notMade(name, `CloudFormation is not done after ${LONGEST_MS / 60_000} minutes`);
  }
  if (!DONE.includes(outcome.value)) throw notMade(name, firstReason(failures) ?? `it is ${outcome.value}`);
}

const DONE = ["CREATE_COMPLETE", "UPDATE_COMPLETE"];

/** What else was under way is cancelled then, which is no reason. */
function firstReason(failures: readonly StackEvent[]): string | undefined {
  const first = failures.find(({ ResourceStatusReason = "" }) => !/cancell?ed/i.test(ResourceStatusReason));
  return first && eventLine(first);
}

function eventLine(event: StackEvent): string {
  const { LogicalResourceId = "", ResourceType = "", ResourceStatus = "", ResourceStatusReason } = event;
  return `${LogicalResourceId} (${ResourceType}) ${ResourceStatus}${
    ResourceStatusReason === undefined ? "" : `: ${ResourceStatusReason}`
  }`;
}

function notMade(name: string, reason: string): ProgramError {
  const hint = /already exist/i.test(reason)
    ? "something of that name is there already: remove it, choose another --project, --start-role or --stack-name, or, " +
      "for the identity provider, give --existing-provider"
    : "CloudFormation has taken back what this run had made; mend the reason and run it again";
  return new ProgramError(`Cannot make stack ${name}: ${reason}`, EXIT_CODES.failed, { hint });
}
