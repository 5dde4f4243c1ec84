import { beyondBounds } from "../program/answer_bounds.ts";
import type { Answer, ApiCall, Reply, Schema } from "./bitbucket_call.ts";
import { type Fault, retryAfterMs } from "./retry_plan.ts";

/** What an answer means for its call. */
export type Verdict<T> =
  | { readonly kind: "done"; readonly reply: Reply<T> }
  | { readonly kind: "fault"; readonly fault: Fault }
  | { readonly kind: "refused"; readonly answer: Answer };

/** Decides about an answer; `serverNow` (milliseconds since 1970) serves pauses given as a date. */
export function judgeAnswer<T>(call: ApiCall<T>, answer: Answer, serverNow: number): Verdict<T> {
  const { status } = answer;
  if (status >= 200 && status < 300) return judgeSuccess(call, answer);
  if (isPassing(status, call)) {
    return {
      kind: "fault",
      fault: {
        describe: (target) => `Bitbucket answered ${status} to ${target}`,
        answer,
        // 401 and 429 are given before anything is done.
        mayHaveActed: status !== 401 && status !== 429,
        retryAfterMs: retryAfterMs(answer.headers, serverNow),
      },
    };
  }
  if (call.answers?.includes(status)) return { kind: "done", reply: { ok: false, status } };
  return { kind: "refused", answer };
}

/**
 * Whether the same request may get another answer later. 401 is among them since valid tokens get one now and then
 * (BCLOUD-24107), and 409 since simultaneous state updates collide (Atlassian community, qaq-p/3181661).
 */
function isPassing(status: number, call: ApiCall<unknown>): boolean {
  return status >= 500 || [401, 408, 425, 429].includes(status) || (status === 409 && call.method !== "GET");
}

function judgeSuccess<T>(call: ApiCall<T>, answer: Answer): Verdict<T> {
  const body = readJson(answer.text);
  if (!body.ok) return unusable(answer, (target) => `Bitbucket answered ${target} with ${body.problem}`);
  const parsed = call.schema.safeParse(body.value);
  if (parsed.success) return { kind: "done", reply: { ok: true, value: parsed.data } };
  if (body.value === undefined) {
    return unusable(answer, (target) => `Bitbucket answered ${target} with nothing`);
  }
  const fields = parsed.error.issues.slice(0, 3).map((issue) => `«${issue.path.map(String).join(".")}»`);
  return unusable(answer, (target) => `Bitbucket answered ${target} without a valid ${fields.join(", ")}`);
}

function unusable<T>(answer: Answer, describe: Fault["describe"]): Verdict<T> {
  return { kind: "fault", fault: { describe, answer, mayHaveActed: true } };
}

/** A body as JSON; nothing at all counts as undefined, which is how Bitbucket answers a deletion. */
export function readJson(
  text: string,
): { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: string } {
  if (text.trim() === "") return { ok: true, value: undefined };
  if (/^\s*</.test(text)) return { ok: false, problem: "HTML instead of JSON" };
  const excess = beyondBounds(text);
  if (excess !== undefined) return { ok: false, problem: `JSON that ${excess}` };
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false, problem: "JSON that cannot be read" };
  }
}

/** Takes any readable answer, an empty one too: for calls whose answer says nothing that is needed. */
export const anyAnswer: Schema<unknown> = { safeParse: (value) => ({ success: true, data: value }) };
