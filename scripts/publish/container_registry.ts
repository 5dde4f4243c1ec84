import { bearerToken, type RegistryLogin } from "../outside/image_digest.ts";
import type { Blob, LocalImage } from "./image_archive.ts";
import { callService, type Service, type ServiceCall, ServiceError } from "./service.ts";

const MANIFESTS = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, " +
  "application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json";

/** One repository of a container registry. Source: OCI distribution spec 1.1. Rejects with `ServiceError`. */
export class ContainerRegistry {
  readonly #service: Service;
  readonly #login: RegistryLogin | undefined;
  #authorization: Readonly<Record<string, string>> = {};

  /** The service's address is that of the repository: `https://ghcr.io/v2/owner/name`. */
  constructor(service: Service, login?: RegistryLogin) {
    this.#service = service;
    this.#login = login;
  }

  /** Pushes an image under a tag: what it is made of first, so that the tag never leads to half of one. */
  async pushImage(image: LocalImage, tag: string): Promise<void> {
    for (const blob of image.blobs) await this.#pushBlob(blob);
    await this.putManifest(image.manifest, tag);
  }

  async putManifest({ mediaType, content }: Blob, tag: string): Promise<void> {
    await this.#call({
      method: "PUT",
      path: `/manifests/${tag}`,
      headers: { "content-type": mediaType },
      body: content,
      repeatable: true,
    });
  }

  /** What a tag leads to; undefined where there is none. */
  async digestOf(tag: string): Promise<string | undefined> {
    const response = await this.#call({
      method: "HEAD",
      path: `/manifests/${tag}`,
      headers: { accept: MANIFESTS },
      alsoFine: [404],
    });
    return response.status === 404 ? undefined : response.headers.get("docker-content-digest") ?? undefined;
  }

  async #pushBlob({ digest, content }: Blob): Promise<void> {
    const there = await this.#call({ method: "HEAD", path: `/blobs/${digest}`, alsoFine: [404] });
    if (there.status !== 404) return;
    // An upload that nobody finishes is forgotten by the registry, so that it may be begun again.
    const begun = await this.#call({ method: "POST", path: "/blobs/uploads/", repeatable: true });
    const place = new URL(begun.headers.get("location") ?? "", `${this.#service.url}/`);
    place.searchParams.set("digest", digest);
    await this.#call({
      method: "PUT",
      path: place.href,
      headers: { "content-type": "application/octet-stream" },
      body: content,
      repeatable: true,
    });
  }

  /** Logs in where the registry asks for it, which it does by refusing. */
  async #call(call: ServiceCall): Promise<Response> {
    const send = () =>
      callService(this.#service, {
        ...call,
        headers: { ...call.headers, ...this.#authorization },
        alsoFine: [...call.alsoFine ?? [], 401],
      });
    const first = await send();
    const challenge = first.headers.get("www-authenticate");
    if (first.status !== 401) return first;
    if (challenge === null) {
      throw new ServiceError(`Cannot ${call.method} ${this.#service.url}: it answered 401`, 401);
    }
    this.#authorization = { authorization: `Bearer ${await this.#token(challenge)}` };
    const second = await send();
    if (second.status !== 401) return second;
    throw new ServiceError(`Cannot ${call.method} ${this.#service.url}: it refuses the login`, 401);
  }

  async #token(challenge: string): Promise<string> {
    const { timeoutMs } = this.#service;
    try {
      return await bearerToken(challenge, { login: this.#login, timeoutMs });
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : cause;
      throw new ServiceError(`Cannot log in at ${this.#service.url}: ${why}`, undefined, cause);
    }
  }
}
