import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { ApiCall, ApiRequest, Reply } from "./api_call.ts";
import { faultReply } from "./fault_reply.ts";
import type { Faults } from "./faults.ts";
import type { Happenings } from "./happenings.ts";
import type { RequestLog } from "./request_log.ts";

export interface ServerParts {
  readonly faults: Faults;
  readonly requests: RequestLog;
  readonly happenings: Happenings;
  /** Recognises a call of one of the APIs. */
  identify(request: ApiRequest): ApiCall | undefined;
  /** Answers what is no API call: release files, the runners' private protocol. */
  other(request: ApiRequest, response: ServerResponse): Promise<Reply | undefined>;
}

/**
 * Serves all APIs on one port. Built on node:http and not on Deno.serve, since a fault has to be able to cut a
 * connection off for real.
 */
export function startHttpServer(
  parts: ServerParts,
  address: { readonly hostname: string; readonly port: number } | { readonly path: string },
): Promise<Server> {
  const server = createServer((incoming, response) => {
    serve(parts, incoming, response).catch((error) => {
      if (!response.headersSent) response.writeHead(500, { "content-type": "text/plain" });
      response.end(`The local cloud failed: ${error instanceof Error ? error.stack : error}\n`);
    });
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    const done = () => resolve(server);
    if ("path" in address) server.listen(address.path, done);
    else server.listen(address.port, address.hostname, done);
  });
}

/** Closes the server and cuts off whoever is still connected. */
export function stopHttpServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  return closed;
}

async function serve(parts: ServerParts, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const request = await readRequest(incoming);
  const call = parts.identify(request);
  if (call === undefined) {
    const reply = await parts.other(request, response);
    if (reply !== undefined) writeReply(response, request, reply);
    return;
  }
  const at = Date.now();
  const fault = parts.faults.take(call);
  const reply = fault === undefined ? await call.answer() : await faultReply(fault, call);
  const status = typeof reply === "string" ? reply : reply.status;
  parts.requests.add({
    api: call.api,
    call: call.name,
    credential: call.credential,
    at,
    status,
    fault: fault?.kind,
  });
  parts.happenings.emit({ type: "request", call: call.name, status });
  if (reply === "reset") cutOff(incoming);
  else if (reply !== "hung") writeReply(response, request, reply);
}

async function readRequest(incoming: IncomingMessage): Promise<ApiRequest> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const host = incoming.headers.host ?? "127.0.0.1";
  return {
    method: incoming.method ?? "GET",
    url: new URL(incoming.url ?? "/", `http://${host}`),
    headers: Object.fromEntries(
      Object.entries(incoming.headers).map((
        [name, value],
      ) => [name, Array.isArray(value) ? value.join(", ") : value ?? ""]),
    ),
    body: new TextDecoder().decode(await new Blob(chunks as BlobPart[]).arrayBuffer()),
  };
}

/** With a TCP reset, since HTTP clients quietly repeat a request on a connection that was merely closed. */
function cutOff(incoming: IncomingMessage): void {
  incoming.socket.resetAndDestroy();
}

function writeReply(response: ServerResponse, request: ApiRequest, reply: Reply): void {
  response.writeHead(reply.status, { ...reply.headers });
  response.end(request.method === "HEAD" ? undefined : reply.body);
}
