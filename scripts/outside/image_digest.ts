import { createHash } from "node:crypto";
import { securely } from "./download.ts";

/** Kinds of manifests, those for several architectures first. Source: OCI image spec and Docker's registry API. */
const KINDS = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];

/** Who pushes. */
export interface RegistryLogin {
  readonly user: string;
  readonly password: string;
}

/** How long an answer may take, in milliseconds. */
const PATIENCE_MS = 60_000;

/** The digest of what an image's tag leads to now, as in `sha256:…`; asked of its registry without an account. */
export async function imageDigest(image: string, tag: string, timeoutMs = PATIENCE_MS): Promise<string> {
  const url = `${registryOf(image)}/manifests/${tag}`;
  const accept = KINDS.join(", ");
  let response = await securely(url, { accept }, timeoutMs);
  const challenge = response.headers.get("www-authenticate");
  if (response.status === 401 && challenge !== null) {
    await response.body?.cancel();
    const authorization = `Bearer ${await bearerToken(challenge, { timeoutMs })}`;
    response = await securely(url, { accept, authorization }, timeoutMs);
  }
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`it answered ${response.status}`);
  }
  // The digest is the hash of these very bytes, so that it need not be believed.
  return `sha256:${createHash("sha256").update(await response.bytes()).digest("hex")}`;
}

/** The API's address for an image; one without a registry is Docker Hub's. Source: Docker's reference of image names. */
function registryOf(image: string): string {
  const [first = "", ...rest] = image.split("/");
  if (!/[.:]/.test(first)) {
    return `https://registry-1.docker.io/v2/${image.includes("/") ? image : `library/${image}`}`;
  }
  const scheme = first.startsWith("127.0.0.1:") ? "http" : "https";
  return `${scheme}://${first}/v2/${rest.join("/")}`;
}

/**
 * The token that a registry's challenge asks for, without an account where no login is given. Source: Docker's token
 * authentication specification.
 */
export async function bearerToken(
  challenge: string,
  { login, timeoutMs }: { readonly login?: RegistryLogin | undefined; readonly timeoutMs: number },
): Promise<string> {
  const fields = Object.fromEntries(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]),
  );
  const url = new URL(fields["realm"] ?? "");
  for (const key of ["service", "scope"]) if (fields[key]) url.searchParams.set(key, fields[key]);
  const basic = login && `Basic ${btoa(`${login.user}:${login.password}`)}`;
  const response = await securely(url.href, basic === undefined ? {} : { authorization: basic }, timeoutMs);
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`${url.origin} answered ${response.status}`);
  }
  const { token, access_token } = await response.json() as { token?: string; access_token?: string };
  return token ?? access_token ?? "";
}
