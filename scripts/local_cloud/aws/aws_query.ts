import {
  answerOrRefuse,
  type ApiCall,
  type ApiFailure,
  type ApiRequest,
  badRequest,
  type Reply,
} from "../server/api_call.ts";
import { accessKeyOf, type AwsCredentials } from "./aws_credentials.ts";

/** One operation of a service: takes the form, gives the members of its result. May throw `ApiRefusal`. */
export type QueryOperation = (form: URLSearchParams) => QueryResult;
export interface QueryResult {
  readonly [member: string]: string | QueryResult | readonly QueryResult[] | undefined;
}

/** A service of the query protocol: a form in, XML out. */
export interface QueryService {
  readonly version: string;
  readonly operations: Readonly<Record<string, QueryOperation>>;
}

/** AWS's query protocol, as CloudFormation, IAM and STS speak it; undefined for what is none of this service's operations. */
export function identifyQuery(
  { version, operations }: QueryService,
  credentials: AwsCredentials,
  request: ApiRequest,
): ApiCall | undefined {
  const type = request.headers["content-type"] ?? "";
  if (request.method !== "POST" || !type.startsWith("application/x-www-form-urlencoded")) return undefined;
  const form = new URLSearchParams(request.body);
  const name = form.get("Action") ?? "";
  const operation = form.get("Version") === version ? operations[name] : undefined;
  if (operation === undefined) return undefined;
  const refuse = (failure: ApiFailure) => refusal(failure);
  return {
    api: "AWS",
    name,
    credential: accessKeyOf(request) ?? "none",
    refuse,
    answer: () =>
      answerOrRefuse(refuse, () => {
        credentials.check(request);
        const result = `<${name}Result>${membersXml(operation(form))}</${name}Result>`;
        return xmlReply(200, `<${name}Response>${result}${METADATA()}</${name}Response>`);
      }),
  };
}

/** What CloudFormation answers to whatever it does not do. */
export function validationError(message: string) {
  return badRequest("ValidationError", message);
}

const METADATA = () => `<ResponseMetadata><RequestId>${crypto.randomUUID()}</RequestId></ResponseMetadata>`;

function membersXml(result: QueryResult): string {
  return Object.entries(result).map(([name, value]) => {
    if (value === undefined) return "";
    if (typeof value === "string") return `<${name}>${escaped(value)}</${name}>`;
    const inner = isList(value)
      ? value.map((item) => `<member>${membersXml(item)}</member>`).join("")
      : membersXml(value);
    return `<${name}>${inner}</${name}>`;
  }).join("");
}

function isList(value: QueryResult | readonly QueryResult[]): value is readonly QueryResult[] {
  return Array.isArray(value);
}

function refusal({ status, code, message, headers }: ApiFailure): Reply {
  const type = status < 500 ? "Sender" : "Receiver";
  const error = `<Error><Type>${type}</Type><Code>${escaped(code)}</Code><Message>${
    escaped(message)
  }</Message></Error>`;
  return xmlReply(
    status,
    `<ErrorResponse>${error}<RequestId>${crypto.randomUUID()}</RequestId></ErrorResponse>`,
    headers,
  );
}

function xmlReply(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Reply {
  const requestId = { "x-amzn-requestid": crypto.randomUUID() };
  return { status, headers: { "content-type": "text/xml", ...requestId, ...headers }, body };
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
