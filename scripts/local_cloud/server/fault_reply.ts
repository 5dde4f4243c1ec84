import type { ApiCall, ApiFailure, Reply } from "./api_call.ts";
import type { FaultKind, FaultOrder } from "./faults.ts";

/** What becomes of a call that a fault strikes: an answer, a connection cut off, or silence. */
export async function faultReply(
  fault: FaultOrder<string>,
  call: ApiCall,
): Promise<Reply | "reset" | "hung"> {
  switch (fault.kind) {
    case "reset before":
      return "reset";
    case "reset after":
      await call.answer();
      return "reset";
    case "hang":
      return "hung";
    case "hang after":
      await call.answer();
      return "hung";
    case "html":
      return { ...await call.answer(), headers: HTML, body: page("Log in") };
    case "502":
      return { status: 502, headers: HTML, body: page("502 Bad Gateway") };
    case "truncated":
      return truncated(await call.answer());
    case "missing fields":
      return withoutFields(await call.answer());
    case "clock skew":
      return clockSkew(fault.minutes ?? 10, call);
    default:
      return call.refuse(failure(fault.kind, fault, call));
  }
}

const HTML = { "content-type": "text/html; charset=utf-8" };

function page(title: string): string {
  return `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`;
}

function truncated(reply: Reply): Reply {
  return { ...reply, body: reply.body.slice(0, Math.floor(reply.body.length / 2)) };
}

function withoutFields(reply: Reply): Reply {
  if (reply.body.length === 0) return reply;
  const xml = String(reply.headers["content-type"]).includes("xml");
  // The outermost element stays, so that the answer still parses.
  return { ...reply, body: xml ? String(reply.body).replace(/^(<\w+[^>]*>).*(<\/\w+>)\s*$/s, "$1$2") : "{}" };
}

/** AWS refuses a signature whose time is off; Bitbucket only shows its own time in the Date header. */
async function clockSkew(minutes: number, call: ApiCall): Promise<Reply> {
  const date = { date: new Date(Date.now() + minutes * 60_000).toUTCString() };
  if (call.api === "Bitbucket") {
    const reply = await call.answer();
    return { ...reply, headers: { ...reply.headers, ...date } };
  }
  const reply = call.refuse({
    status: 403,
    code: "InvalidSignatureException",
    message: "Signature not yet current: the request's time differs too much from the service's",
  });
  return { ...reply, headers: { ...reply.headers, ...date } };
}

type RefusingKind = Exclude<
  FaultKind,
  | "reset before"
  | "reset after"
  | "hang"
  | "hang after"
  | "html"
  | "502"
  | "truncated"
  | "missing fields"
  | "clock skew"
>;

function failure(kind: RefusingKind, fault: FaultOrder<string>, call: ApiCall): ApiFailure {
  const aws = call.api === "AWS";
  switch (kind) {
    case "429":
    case "429 with Retry-After":
      return {
        status: 429,
        code: "TooManyRequestsException",
        message: "Rate limit for this resource has been exceeded",
        headers: kind === "429" ? {} : { "retry-after": String(fault.retryAfterS ?? 1) },
      };
    case "500":
      return { status: 500, code: "InternalFailure", message: "Something went wrong" };
    case "503":
      return { status: 503, code: "ServiceUnavailable", message: "Service is unable to handle request" };
    case "expired token":
      return aws
        ? {
          status: 400,
          code: "ExpiredTokenException",
          message: "The security token included in the request is expired",
        }
        : { status: 401, code: "", message: "Access token expired." };
    case "throttling":
      return aws
        ? { status: 400, code: "ThrottlingException", message: "Rate exceeded" }
        : { status: 429, code: "", message: "Rate limit for this resource has been exceeded" };
    case "conflict":
      return {
        status: 409,
        code: "ConflictException",
        message: "Simultaneous state updates were attempted for runner with id",
      };
    case "forbidden":
      return {
        status: aws ? 400 : 403,
        code: "AccessDeniedException",
        message: aws
          ? `User: arn:aws:sts::123456789012:assumed-role/runner/step is not authorized to perform: ${
            action(call)
          }`
          : "Your credentials lack one or more required privilege scopes.",
        detail: { required: ["runner:write"], granted: ["pipeline"] },
      };
  }
}

const OTHER_SERVICES: Readonly<Record<string, string>> = {
  AssumeRoleWithWebIdentity: "sts",
  GetCallerIdentity: "sts",
  GetServiceQuota: "servicequotas",
  DescribeSecret: "secretsmanager",
  GetLogEvents: "logs",
  Encrypt: "kms",
  Decrypt: "kms",
};

/** A call as policies name it. */
function action({ name }: ApiCall): string {
  return `${OTHER_SERVICES[name] ?? "codebuild"}:${name}`;
}
