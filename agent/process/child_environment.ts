declare const made: unique symbol;

/**
 * The whole environment of a process that the agent starts. Only `runnerEnvironment()` makes one, so that the compiler
 * refuses every start of a process that might hand on what is the agent's alone.
 */
export type ChildEnvironment = Readonly<Record<string, string>> & { readonly [made]: true };
