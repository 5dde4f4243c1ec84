import type { PlatformAnswers } from "../pipelines/platform_answers.ts";
import type { BadProperty } from "./runner_rules.ts";
import { ApiRefusal, type ApiRequest, jsonReply, type Reply } from "../server/api_call.ts";

/** The refusal for anything that is not there. */
export function notFound(message: string): ApiRefusal {
  return new ApiRefusal({ status: 404, code: "", message });
}

/** The refusal of a property, in the form of errors that is being played. */
export function badProperty(bad: BadProperty, { errorDetail }: PlatformAnswers): ApiRefusal {
  const { property, problem } = bad;
  const text = `${property}: ${problem}`;
  if (errorDetail === "none") return new ApiRefusal({ status: 400, code: "", message: text });
  const detail = errorDetail === "string" ? text : { [property]: problem };
  return new ApiRefusal({ status: 400, code: "", message: "Bad request", detail });
}

/** One page of a list, with the address of the next one. Throws `ApiRefusal` where the page asked for is too long. */
export function pageReply(request: ApiRequest, values: readonly object[], answers: PlatformAnswers): Reply {
  const page = Number(request.url.searchParams.get("page") ?? 1);
  const pagelen = Number(request.url.searchParams.get("pagelen") ?? 10);
  if (!(pagelen >= 1 && pagelen <= answers.longestPage)) {
    throw badProperty({ property: "pagelen", problem: `from 1 to ${answers.longestPage}` }, answers);
  }
  const next = new URL(request.url);
  next.searchParams.set("page", String(page + 1));
  return jsonReply(200, {
    page,
    pagelen,
    size: values.length,
    values: values.slice((page - 1) * pagelen, page * pagelen),
    ...(page * pagelen < values.length ? { next: next.href } : {}),
  });
}
