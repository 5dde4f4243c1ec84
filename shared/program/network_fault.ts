/** What kept a request from being answered, as far as the runtime tells. */
export interface NetworkFault {
  readonly kind: "name" | "refused" | "unreachable" | "certificate" | "proxy" | "broken" | "unknown";
  /** With the host that it is about, which may be the proxy's. */
  readonly message: string;
  /** What to change, where that can be told. */
  readonly hint: string | undefined;
}

type Env = Readonly<Record<string, string | undefined>>;

/** What is read of a failed request, in characters; the runtime's own sentences are far shorter. */
const LONGEST = 1000;

/**
 * What made a request fail without an answer, in the runtime's words put into ours: `fetch` itself says «fetch failed», and
 * has the reason as its cause. `url` is what was asked for; `env` tells of the proxy that was asked in its place.
 */
export function networkFault(error: unknown, url: string, env: Env): NetworkFault {
  const said = innermostMessage(error).slice(0, LONGEST);
  const target = URL.canParse(url) ? new URL(url) : undefined;
  const proxy = target === undefined ? undefined : proxyOf(target, env);
  const asked = proxy === undefined ? target?.host ?? "the server" : `the proxy ${proxy.host}`;
  const reason = said.replace(/^error sending request\b.{0,500}?\): /, "");
  const viaProxy = proxy === undefined
    ? "check the network, and whether it wants a proxy (HTTPS_PROXY)"
    : "check HTTPS_PROXY, and NO_PROXY for what needs no proxy";
  if (/\bdns error\b/.test(reason)) {
    return { kind: "name", message: `no address is known for ${asked} (DNS)`, hint: viaProxy };
  }
  if (/Connection refused/i.test(reason)) {
    return { kind: "refused", message: `${asked} refuses the connection`, hint: viaProxy };
  }
  const certificate = /invalid peer certificate: (.{1,200})/.exec(reason)?.[1];
  if (certificate !== undefined) return badCertificate(target?.host ?? asked, certificate);
  if (/proxy authentication required|unsuccessful tunnel|\bsocks\b/i.test(reason)) {
    const message = `${asked} does not let the request through (${reason.replace(/^.*: /, "")})`;
    return {
      kind: "proxy",
      message,
      hint: "check user and password in HTTPS_PROXY, and what the proxy allows",
    };
  }
  const connecting = /tcp connect error: (.{1,200})/.exec(reason)?.[1];
  if (connecting !== undefined) {
    return { kind: "unreachable", message: `cannot connect to ${asked} (${connecting})`, hint: viaProxy };
  }
  if (/connection (?:closed|reset)|broken pipe|unexpected eof/i.test(reason)) {
    return { kind: "broken", message: `${asked} broke the connection off (${reason})`, hint: undefined };
  }
  return { kind: "unknown", message: `${asked}: ${reason}`, hint: undefined };
}

/** Companies look into TLS by certificates of their own authority. */
function badCertificate(host: string, reason: string): NetworkFault {
  const [problem, hint] = /Expired|NotValidYet/.test(reason)
    ? ["is out of date", "see that this machine's clock is right"]
    : /NotValidForName/.test(reason)
    ? ["is for another name", "check the address, and what answers in its place"]
    : [
      "is of an unknown authority",
      "name the authority's certificate, a PEM file, in DENO_CERT; a proxy that looks into TLS has one of its own",
    ];
  const word = /^\w{1,50}/.exec(reason)?.[0] ?? "";
  return { kind: "certificate", message: `the certificate of ${host} ${problem} (${word})`, hint };
}

function innermostMessage(error: unknown, depth = 0): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined || depth > 8 ? error.message : innermostMessage(error.cause, depth + 1);
}

/** The proxy by which Deno goes to a URL; its user and password stay out of `host`. */
function proxyOf({ protocol, hostname }: URL, env: Env): URL | undefined {
  const of = (name: string) => env[name.toLowerCase()] || env[name] || undefined;
  const given = of(protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY") ?? of("ALL_PROXY");
  const spared = (of("NO_PROXY") ?? "").split(",").map((one) => one.trim().replace(/^\*?\./, ""));
  const isSpared = spared.some((one) =>
    one === "*" || (one !== "" && (hostname === one || hostname.endsWith(`.${one}`)))
  );
  if (given === undefined || isSpared) return undefined;
  const address = /^\w+:\/\//.test(given) ? given : `http://${given}`;
  return URL.canParse(address) ? new URL(address) : undefined;
}
