import { ApiRefusal, type ApiRequest, jsonReply, type Reply } from "../server/api_call.ts";

/** The refusal for anything that is not there. */
export function notFound(message: string): ApiRefusal {
  return new ApiRefusal({ status: 404, code: "", message });
}

/** One page of a list, with the address of the next one. */
export function pageReply(request: ApiRequest, values: readonly object[]): Reply {
  const page = Number(request.url.searchParams.get("page") ?? 1);
  const pagelen = Math.min(Number(request.url.searchParams.get("pagelen") ?? 10), 100);
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
