import {
  answerOrRefuse,
  type ApiCall,
  type ApiFailure,
  type ApiRefusal,
  type ApiRequest,
  badRequest,
  type Reply,
} from "../server/api_call.ts";
import { accessKeyOf, type AwsCredentials } from "./aws_credentials.ts";

/** One operation of a service: takes the parsed input, gives the output. May throw `ApiRefusal`. */
export type AwsOperation = (input: Record<string, unknown>) => object;

/**
 * AWS JSON 1.1, as CodeBuild and CloudWatch Logs speak it: POST to /, the operation in `X-Amz-Target`, errors
 * with `__type` and `x-amzn-ErrorType`, timestamps as numbers.
 */
export function identifyAwsJson(
  prefix: string,
  operations: Readonly<Record<string, AwsOperation>>,
  credentials: AwsCredentials,
  request: ApiRequest,
): ApiCall | undefined {
  const target = request.headers["x-amz-target"] ?? "";
  if (request.method !== "POST" || !target.startsWith(`${prefix}.`)) return undefined;
  const name = target.slice(prefix.length + 1);
  return {
    api: "AWS",
    name,
    credential: accessKeyOf(request) ?? "none",
    refuse,
    answer: () =>
      answerOrRefuse(refuse, () => {
        credentials.check(request);
        const operation = operations[name];
        if (operation === undefined) throw badRequest("UnknownOperationException");
        return reply(200, operation(parsed(request.body)));
      }),
  };
}

/** The refusal that both services use for input they cannot take. */
export function invalidInput(message: string): ApiRefusal {
  return badRequest("InvalidInputException", message);
}

function parsed(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // Reported below, like every body that is not an object.
  }
  throw badRequest("SerializationException");
}

function refuse(failure: ApiFailure): Reply {
  const body = { __type: failure.code, message: failure.message };
  return reply(failure.status, body, { "x-amzn-errortype": failure.code, ...failure.headers });
}

function reply(status: number, value: object, headers: Readonly<Record<string, string>> = {}): Reply {
  const requestId = { "x-amzn-requestid": crypto.randomUUID() };
  return {
    status,
    headers: { "content-type": "application/x-amz-json-1.1", ...requestId, ...headers },
    body: JSON.stringify(value),
  };
}
