import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ApiCall, ApiRequest, Reply } from "./api_call.ts";
import { faultReply } from "./fault_reply.ts";
import type { Faults } from "./faults.ts";
import type { Happenings } from "./happenings.ts";
import type { RequestLog } from "./request_log.ts";

export interface ServerParts {
  readonly faults: Pick<Faults<string>, "take">;
  readonly requests: RequestLog;
  readonly happenings: Happenings;
  /** Recognises a call of one of the APIs. */
  identify(request: ApiRequest): ApiCall | undefined;
  /** Answers what is no API call: release files, the runners' private protocol. */
  other(request: ApiRequest, response: ServerResponse): Promise<Reply | undefined>;
}

/** A server that listens; what it answers is settled afterwards, since its address is part of that. */
export interface HttpServer {
  /** On 127.0.0.1. */
  readonly url: string;
  serve(parts: ServerParts): void;
  /** Cuts off whoever is still connected. */
  close(): Promise<void>;
}

/**
 * Listens on a port of loopback and on a Unix socket. Built on node:http and not on Deno.serve, since a fault has to
 * be able to cut a connection off for real.
 */
export async function openHttpServer(port: number, socket: string): Promise<HttpServer> {
  let parts: ServerParts | undefined;
  const answer = (incoming: IncomingMessage, response: ServerResponse) => {
    if (parts !== undefined) void serve(parts, incoming, response).catch((error) => fail(response, error));
  };
  const servers = [createServer(answer), createServer(answer)] as const;
  const close = async () => void await Promise.all(servers.map(closeServer));
  try {
    await listen(servers[0], (done) => servers[0].listen(port, "127.0.0.1", done));
    await listen(servers[1], (done) => servers[1].listen(socket, done));
  } catch (error) {
    await close();
    throw error;
  }
  const url = `http://127.0.0.1:${(servers[0].address() as AddressInfo).port}`;
  return { url, serve: (given) => void (parts = given), close };
}

function listen(server: Server, start: (done: () => void) => void): Promise<void> {
  // A server that closes idle connections by itself would add resets that nobody has injected.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(new Error(`Cannot listen: ${error.message}`, { cause: error })));
    start(resolve);
  });
}

function closeServer(server: Server): Promise<void> {
  if (!server.listening) return Promise.resolve();
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  return closed;
}

function fail(response: ServerResponse, error: unknown): void {
  if (!response.headersSent) response.writeHead(500, { "content-type": "text/plain" });
  response.end(`The local cloud failed: ${error instanceof Error ? error.stack : error}\n`);
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
  const bytes = await new Blob(chunks as BlobPart[]).bytes();
  const host = incoming.headers.host ?? "127.0.0.1";
  return {
    method: incoming.method ?? "GET",
    url: new URL(incoming.url ?? "/", `http://${host}`),
    headers: Object.fromEntries(
      Object.entries(incoming.headers).map((
        [name, value],
      ) => [name, Array.isArray(value) ? value.join(", ") : value ?? ""]),
    ),
    body: new TextDecoder().decode(bytes),
    bytes,
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
