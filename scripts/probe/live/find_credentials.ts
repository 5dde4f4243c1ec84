import type { Findings, Trial } from "../judge/findings.ts";
import { bodyOf, remark, type SeenRunner, succeeded } from "../judge/read_answer.ts";
import { USUAL_LABELS } from "./find_creation.ts";
import type { Probe } from "./probe.ts";

/** What goes with the credentials; an access token beside an OAuth consumer is tried as well. */
export async function findCredentials(probe: Probe): Promise<Partial<Findings>> {
  const { client, urls, options, signal } = probe;
  const { accessToken, credentials } = options;
  const list = { name: "list runners", method: "GET", url: urls.runners() } as const;
  const takesAccessToken = accessToken === undefined
    ? undefined
    : succeeded(await client.sendAs(accessToken, list, signal));
  const beside = accessToken !== undefined && credentials.kind !== "access token";
  const accessTokenManages = beside ? await tryToken(probe, accessToken) : undefined;
  const token = client.tokenAnswer && bodyOf<Record<string, unknown>>(client.tokenAnswer);
  const field = (["scope", "scopes"] as const).find((name) => typeof token?.[name] === "string");
  const lifetime = token?.["expires_in"];
  return {
    credentials: credentials.kind,
    headers: [...client.headers].sort(),
    ...(takesAccessToken === undefined ? {} : { takesAccessToken }),
    ...(accessTokenManages === undefined ? {} : { accessTokenManages }),
    ...(field === undefined ? {} : { tokenScopeField: field }),
    ...(typeof lifetime === "number" ? { tokenLifetimeS: lifetime } : {}),
  };
}

/** Registers a runner and removes it, both with the token; what it cannot remove is left to the probe's own credentials. */
async function tryToken(probe: Probe, token: string): Promise<Trial> {
  const { client, runners, urls, prefix, label, signal } = probe;
  const created = await runners.create(
    { name: `${prefix}token`, labels: [...USUAL_LABELS, label] },
    signal,
    token,
  );
  const { uuid } = bodyOf<SeenRunner>(created);
  if (uuid === undefined) return { outcome: "refused", note: `POST: ${remark(created)}` };
  const request = { name: "delete runner", method: "DELETE", url: urls.runners(uuid) } as const;
  const removed = await client.sendAs(token, request, signal);
  // Unless it was taken; a repeated request finds nothing any more.
  await runners.remove(uuid, signal);
  if (succeeded(removed) || removed.status === 404) {
    return { outcome: "taken", note: "registered and removed one" };
  }
  return { outcome: "refused", note: `DELETE: ${remark(removed)}` };
}
