import { isPrivate } from "../../shared/settings/parse_value.ts";

const MOST_REDIRECTS = 10;
/** How long one answer may take to come in whole, in milliseconds: the largest are some hundred megabytes. */
const PATIENCE_MS = 10 * 60_000;

/**
 * What an address answers. Every address on the way is https, or this machine's. Throws with the status when it is not
 * to be had.
 */
export async function download(url: string): Promise<Uint8Array> {
  const response = await securely(url);
  if (response.ok) return await response.bytes();
  await response.body?.cancel();
  throw new Error(`it answered ${response.status}`);
}

/** Like `fetch()`, but follows no redirect off https, and does not wait for ever. */
export async function securely(
  url: string,
  headers: Readonly<Record<string, string>> = {},
  timeoutMs = PATIENCE_MS,
): Promise<Response> {
  let address = new URL(url);
  for (let left = MOST_REDIRECTS; left >= 0; left--) {
    if (!isPrivate(address)) throw new Error(`${address.origin} is not https`);
    const response = await fetch(address, {
      headers,
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    const location = response.headers.get("location");
    if (location === null || ![301, 302, 303, 307, 308].includes(response.status)) return response;
    await response.body?.cancel();
    const next = new URL(location, address);
    // What proves who asks is for the one who was asked.
    if (next.origin !== address.origin) {
      const { authorization: _, ...others } = headers;
      headers = others;
    }
    address = next;
  }
  throw new Error(`it redirects more than ${MOST_REDIRECTS} times`);
}
