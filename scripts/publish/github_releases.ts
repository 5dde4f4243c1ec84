import { callService, type Service } from "./service.ts";

/** A release of GitHub's, as far as it matters here. Source: GitHub's REST API, releases. */
export interface Release {
  readonly id: number;
  readonly tag_name: string;
  readonly draft: boolean;
  readonly prerelease: boolean;
  /** Where assets go, as a template with `{?name,label}` at its end. */
  readonly upload_url: string;
  readonly assets: readonly ReleaseAsset[];
}

export interface ReleaseAsset {
  readonly id: number;
  readonly name: string;
  /** `uploaded`; anything else is the rest of an upload that broke. */
  readonly state: string;
  readonly size: number;
  /** As in `sha256:…`; servers of before June 2025 have none. */
  readonly digest?: string | null;
}

const PER_PAGE = 100;

/** Releases of one repository. Rejects with `ServiceError`. */
export class GitHubReleases {
  readonly #service: Service;
  readonly #path: string;

  /** `repository` is `owner/name`. */
  constructor(service: Service, repository: string) {
    this.#service = service;
    this.#path = `/repos/${repository}`;
  }

  /** The commit that a tag leads to now; undefined where there is no such tag. */
  async commitOf(tag: string): Promise<string | undefined> {
    const path = `${this.#path}/git/ref/tags/${encodeURIComponent(tag)}`;
    const response = await callService(this.#service, { method: "GET", path, alsoFine: [404] });
    if (response.status === 404) return undefined;
    let { object } = await response.json() as { object: { type: string; sha: string } };
    // An annotated tag is an object of its own, which may even lead to another one.
    while (object.type === "tag") {
      const tag: { object: typeof object } = await this.#json("GET", `${this.#path}/git/tags/${object.sha}`);
      object = tag.object;
    }
    return object.sha;
  }

  /** All releases, drafts among them as far as the token may see them. */
  async list(): Promise<Release[]> {
    const all: Release[] = [];
    for (let page = 1;; page++) {
      const path = `${this.#path}/releases?per_page=${PER_PAGE}&page=${page}`;
      const releases: Release[] = await this.#json("GET", path);
      all.push(...releases);
      if (releases.length < PER_PAGE) return all;
    }
  }

  get(id: number): Promise<Release> {
    return this.#json("GET", `${this.#path}/releases/${id}`);
  }

  createDraft(draft: { tag: string; notes: string; prerelease: boolean }): Promise<Release> {
    const { tag, notes, prerelease } = draft;
    const body = { tag_name: tag, name: tag, body: notes, draft: true, prerelease };
    return this.#json("POST", `${this.#path}/releases`, body);
  }

  /** What is gone already is as good. */
  async delete(id: number): Promise<void> {
    const path = `${this.#path}/releases/${id}`;
    await callService(this.#service, { method: "DELETE", path, alsoFine: [404], repeatable: true });
  }

  async upload(release: Release, name: string, content: Uint8Array): Promise<void> {
    const address = release.upload_url.replace(/\{[^}]*\}$/, "");
    await callService(this.#service, {
      method: "POST",
      path: `${address}?name=${encodeURIComponent(name)}`,
      headers: { "content-type": "application/octet-stream" },
      body: content,
    });
  }

  async deleteAsset(id: number): Promise<void> {
    const path = `${this.#path}/releases/assets/${id}`;
    await callService(this.#service, { method: "DELETE", path, alsoFine: [404], repeatable: true });
  }

  async contentOf(asset: ReleaseAsset): Promise<Uint8Array> {
    const path = `${this.#path}/releases/assets/${asset.id}`;
    const headers = { accept: "application/octet-stream" };
    return await (await callService(this.#service, { method: "GET", path, headers })).bytes();
  }

  /** Makes a draft public; doing it twice changes nothing. */
  publish(id: number, how: { readonly prerelease: boolean; readonly latest: boolean }): Promise<Release> {
    const body = { draft: false, prerelease: how.prerelease, make_latest: String(how.latest) };
    return this.#json("PATCH", `${this.#path}/releases/${id}`, body);
  }

  async #json<T>(method: "GET" | "POST" | "PATCH", path: string, body?: unknown): Promise<T> {
    const response = await callService(this.#service, {
      method,
      path,
      repeatable: method !== "POST",
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
    return await response.json();
  }
}
