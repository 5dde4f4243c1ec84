import type { ProgramError } from "../program/errors.ts";

/** What a schema has to offer; zod's schemas do. */
export interface Schema<T> {
  safeParse(value: unknown):
    | { readonly success: true; readonly data: T }
    | { readonly success: false; readonly error: { readonly issues: readonly SchemaIssue[] } };
}

interface SchemaIssue {
  readonly path: readonly PropertyKey[];
}

/** One call to Bitbucket, described before anything is sent. */
export interface ApiCall<T> {
  /** What the call does, as in «list runners»; errors and announcements name it. */
  readonly name: string;
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly url: string;
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>>;
  /** What a good answer looks like; an answer that differs is treated as a passing fault. */
  readonly schema: Schema<T>;
  /** OAuth scopes the call takes, by Bitbucket's API description; named where Bitbucket itself names none. */
  readonly scopes: readonly string[];
  /** Failure statuses that tell the caller something and are handed to it; the others become errors. */
  readonly answers?: readonly number[];
  /**
   * Present where doing the call twice would do harm: takes back what an attempt may have done that got no usable
   * answer. Runs before the next attempt, and before the call is given up. Such an attempt is not cut off by an abort.
   */
  readonly undo?: () => Promise<void>;
  /** The error for a refusal where the call knows more about it than the status says; `message` is the usual one. */
  readonly explain?: (answer: Answer, message: string) => ProgramError | undefined;
}

/** What came back, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** What a call gives its caller: the value, or one of the statuses it listed in `answers`. */
export type Reply<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly status: number };

/** The value of a reply to a call that lists no `answers`. */
export function valueOf<T>(reply: Reply<T>): T {
  if (reply.ok) return reply.value;
  throw new Error(`A call handed on status ${reply.status} although it lists no answers`);
}

/** Method and path with the identifiers left out, as in «GET …/pipelines/{uuid}»; for messages. */
export function callRoute(call: Pick<ApiCall<unknown>, "method" | "url">): string {
  const parts = new URL(call.url).pathname.split("/").map((part) => /^%7B/i.test(part) ? "{uuid}" : part);
  const repositories = parts.lastIndexOf("repositories");
  const shown = repositories < 0 ? parts : ["…", ...parts.slice(repositories + 3)];
  return `${call.method} ${shown.join("/")}`;
}
