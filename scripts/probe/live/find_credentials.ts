import type { Findings } from "../judge/findings.ts";
import { bodyOf, succeeded } from "../judge/read_answer.ts";
import type { Probe } from "./probe.ts";

/** What goes with the credentials; an access token beside an OAuth consumer is tried as well. */
export async function findCredentials({ client, urls, options, signal }: Probe): Promise<Partial<Findings>> {
  const { accessToken, credentials } = options;
  const list = { name: "list runners", method: "GET", url: urls.runners() } as const;
  const takesAccessToken = accessToken === undefined
    ? undefined
    : succeeded(await client.sendAs(accessToken, list, signal));
  const token = client.tokenAnswer && bodyOf<Record<string, unknown>>(client.tokenAnswer);
  const field = (["scope", "scopes"] as const).find((name) => typeof token?.[name] === "string");
  const lifetime = token?.["expires_in"];
  return {
    credentials: credentials.kind,
    headers: [...client.headers].sort(),
    ...(takesAccessToken === undefined ? {} : { takesAccessToken }),
    ...(field === undefined ? {} : { tokenScopeField: field }),
    ...(typeof lifetime === "number" ? { tokenLifetimeS: lifetime } : {}),
  };
}
