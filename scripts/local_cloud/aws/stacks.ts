import type { Account } from "./account.ts";
import { validationError } from "./aws_query.ts";
import { readTemplate, type StackResource } from "./stack_template.ts";

/** An event of a stack, in CloudFormation's own words. */
export interface StackEvent {
  readonly EventId: string;
  readonly LogicalResourceId: string;
  readonly ResourceType: string;
  readonly ResourceStatus: string;
  readonly ResourceStatusReason: string | undefined;
  readonly ClientRequestToken: string;
}

export interface Stack {
  readonly id: string;
  readonly name: string;
  template: string;
  status: string;
  resources: readonly StackResource[];
  readonly events: StackEvent[];
}

/** Makes one resource, or throws why it cannot; gives back what undoes it. */
export type Maker = (resource: StackResource) => () => void;

/** CloudFormation's stacks. What is asked for is done at once, so a stack is never seen on its way. */
export class Stacks {
  readonly all: Stack[] = [];
  readonly #account: Account;
  readonly #make: Maker;
  readonly #undo = new Map<string, () => void>();

  constructor(account: Account, make: Maker) {
    this.#account = account;
    this.#make = make;
  }

  /** By its name while it is there, or by its ARN. */
  find(name: string): Stack {
    const found = this.all.find((stack) =>
      stack.id === name || (stack.name === name && stack.status !== "DELETE_COMPLETE")
    );
    if (found === undefined) throw validationError(`Stack with id ${name} does not exist`);
    return found;
  }

  /** Makes a stack; where a resource fails, nothing is left of it. */
  create(name: string, template: string, token: string): Stack {
    const taken = this.all.some((stack) => stack.name === name && stack.status !== "DELETE_COMPLETE");
    if (taken) throw alreadyExists(name);
    const resources = readTemplate(template, this.#account.id);
    const { id: account, region } = this.#account;
    const id = `arn:aws:cloudformation:${region}:${account}:stack/${name}/${crypto.randomUUID()}`;
    const stack: Stack = { id, name, template, status: "CREATE_IN_PROGRESS", resources: [], events: [] };
    this.all.push(stack);
    const failed = this.#makeAll(stack, resources, "CREATE", token);
    stack.status = failed ? "DELETE_COMPLETE" : "CREATE_COMPLETE";
    if (failed) this.#remove(stack, stack.resources);
    stack.resources = failed ? [] : resources;
    return stack;
  }

  /** Changes a stack: what differs is made anew, what is no longer there goes, unless it is to be kept. */
  update(name: string, template: string, token: string): Stack {
    const stack = this.find(name);
    if (template === stack.template) throw validationError("No updates are to be performed.");
    const resources = readTemplate(template, this.#account.id);
    const same = (one: StackResource) =>
      stack.resources.some((other) => JSON.stringify(other) === JSON.stringify(one));
    const kept = stack.resources.filter((one) => one.type === "AWS::IAM::OIDCProvider");
    this.#remove(
      stack,
      stack.resources.filter((one) =>
        !kept.includes(one) && !resources.some((other) => JSON.stringify(other) === JSON.stringify(one))
      ),
    );
    const failed = this.#makeAll(stack, resources.filter((one) => !same(one)), "UPDATE", token);
    stack.status = failed ? "UPDATE_ROLLBACK_COMPLETE" : "UPDATE_COMPLETE";
    stack.resources = resources;
    stack.template = template;
    return stack;
  }

  #makeAll(stack: Stack, resources: readonly StackResource[], verb: string, token: string): boolean {
    for (const resource of resources) {
      const event = (status: string, reason?: string) =>
        stack.events.push({
          EventId: crypto.randomUUID(),
          LogicalResourceId: resource.name,
          ResourceType: resource.type,
          ResourceStatus: `${verb}_${status}`,
          ResourceStatusReason: reason,
          ClientRequestToken: token,
        });
      event("IN_PROGRESS");
      try {
        this.#undo.set(`${stack.id} ${resource.name}`, this.#make(resource));
        stack.resources = [...stack.resources, resource];
        event("COMPLETE");
      } catch (error) {
        event("FAILED", error instanceof Error ? error.message : String(error));
        return true;
      }
    }
    return false;
  }

  #remove(stack: Stack, resources: readonly StackResource[]): void {
    for (const { name } of resources) {
      this.#undo.get(`${stack.id} ${name}`)?.();
      this.#undo.delete(`${stack.id} ${name}`);
    }
  }
}

function alreadyExists(name: string) {
  return validationError(`Stack [${name}] already exists`);
}
