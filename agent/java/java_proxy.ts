/** Hosts that Java reaches without a proxy when nothing is set; setting the property replaces them. */
const LOCAL_HOSTS = ["localhost", "127.*", "[::1]"];

/**
 * JAVA_TOOL_OPTIONS with the build's proxy in it, since a JVM does not read HTTPS_PROXY, HTTP_PROXY and NO_PROXY and
 * Atlassian's shell runner relies on the JVM's settings (its page on proxies says so). Undefined when there is nothing to set.
 * What JAVA_TOOL_OPTIONS already sets stays. A proxy's user and password are left out: the JVM has no property for them, and
 * prints these options.
 */
export function javaToolOptions(env: Readonly<Record<string, string>>): string | undefined {
  const existing = env.JAVA_TOOL_OPTIONS ?? "";
  const https = proxyProperties("https", proxyOf(env, "HTTPS_PROXY"));
  const http = proxyProperties("http", proxyOf(env, "HTTP_PROXY"));
  const anyProxy = https.length + http.length > 0;
  const options = [...https, ...http, ...(anyProxy ? [directHosts(variable(env, "NO_PROXY") ?? "")] : [])]
    .filter((option) => !existing.includes(`${option.split("=")[0]}=`));
  const all = [existing, ...options].filter((part) => part !== "").join(" ");
  return all === "" ? undefined : all;
}

function proxyProperties(scheme: "http" | "https", proxy: URL | undefined): string[] {
  if (proxy === undefined) return [];
  const port = proxy.port !== "" ? proxy.port : proxy.protocol === "https:" ? "443" : "80";
  return [`-D${scheme}.proxyHost=${proxy.hostname}`, `-D${scheme}.proxyPort=${port}`];
}

/** NO_PROXY's «example.com» means the subdomains too, which Java must be told; https uses the property as well. */
function directHosts(noProxy: string): string {
  const hosts = noProxy.split(/[\s,]+/).map((host) => host.replace(/:\d+$/, "")).filter((host) =>
    host !== ""
  );
  const patterns = hosts.flatMap(hostPatterns);
  return `-Dhttp.nonProxyHosts=${[...new Set([...LOCAL_HOSTS, ...patterns])].join("|")}`;
}

function hostPatterns(host: string): string[] {
  const network = /^\d+(?:\.\d+){3}\/(8|16|24)$/.exec(host);
  // Of networks Java can only be told those that end between two numbers.
  if (network !== null) return [`${host.split(".").slice(0, Number(network[1]) / 8).join(".")}.*`];
  if (host.includes("/")) return [];
  if (/^[\d.*]+$/.test(host)) return [host];
  const bare = host.replace(/^\*?\./, "");
  return [bare, `*.${bare}`];
}

function proxyOf(env: Readonly<Record<string, string>>, name: string): URL | undefined {
  const text = variable(env, name);
  if (text === undefined) return undefined;
  const url = text.includes("://") ? text : `http://${text}`;
  return URL.canParse(url) ? new URL(url) : undefined;
}

function variable(env: Readonly<Record<string, string>>, name: string): string | undefined {
  const value = env[name] ?? env[name.toLowerCase()] ?? "";
  return value === "" ? undefined : value;
}
