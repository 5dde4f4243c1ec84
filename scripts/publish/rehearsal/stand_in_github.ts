import { createHash, randomUUID } from "node:crypto";
import {
  answerOrRefuse,
  type ApiCall,
  type ApiFailure,
  ApiRefusal,
  type ApiRequest,
  jsonReply,
  type Reply,
} from "../../local_cloud/server/api_call.ts";

interface StoredAsset {
  readonly id: number;
  readonly name: string;
  state: "starter" | "uploaded";
  content: Uint8Array;
}

export interface StoredRelease {
  readonly id: number;
  readonly tag: string;
  draft: boolean;
  prerelease: boolean;
  latest: boolean;
  readonly assets: StoredAsset[];
}

/** What GitHub keeps of one repository, and how it answers; as strict as its documentation. */
export class StandInGitHub {
  readonly releases: StoredRelease[] = [];
  /** Commits by tag; an annotated tag is an object of its own. */
  readonly tags = new Map<string, string>();
  /** Whether assets tell their digests, as they do since June 2025. */
  digests = true;
  /** Called before each call is answered, for what happens meanwhile. */
  meanwhile: (call: string) => void = () => {};
  #nextId = 1;
  readonly #token: string;
  readonly #repository: string;

  constructor(repository: string, token: string) {
    this.#repository = repository;
    this.#token = token;
  }

  /** Puts a release there, as an earlier run or a person has left it. */
  add(
    release: Partial<StoredRelease> & { readonly tag: string },
    assets: ReadonlyMap<string, Uint8Array>,
  ): StoredRelease {
    const stored: StoredRelease = {
      draft: true,
      prerelease: false,
      latest: false,
      ...release,
      id: this.#nextId++,
      assets: [...assets].map(([name, content]) => ({
        id: this.#nextId++,
        name,
        state: "uploaded",
        content,
      })),
    };
    this.releases.push(stored);
    return stored;
  }

  /** The call that a request is; undefined where it is for somebody else. */
  identify(request: ApiRequest, url: string): ApiCall | undefined {
    const { method, url: { pathname } } = request;
    const prefix = `/repos/${this.#repository}/`;
    if (!pathname.startsWith(prefix)) return undefined;
    const route = ROUTES.find(([verb, pattern]) =>
      verb === method && pattern.test(pathname.slice(prefix.length))
    );
    if (route === undefined) return undefined;
    const [, pattern, name] = route;
    const [, id = ""] = pattern.exec(pathname.slice(prefix.length)) ?? [];
    // An upload leaves its traces before it is complete, and so when it breaks.
    const begun = name === "UploadAsset" ? this.#begin(Number(id), request) : undefined;
    return {
      api: "GitHub",
      name,
      credential: request.headers["authorization"] ?? "",
      refuse,
      answer: () =>
        answerOrRefuse(refuse, () => {
          this.meanwhile(name);
          if (request.headers["authorization"] !== `Bearer ${this.#token}`) {
            throw refusal(401, "Bad credentials");
          }
          return this.#answer(name, { id, request, url, begun });
        }),
    };
  }

  #answer(name: string, { id, request, url, begun }: Asked): Reply {
    const shown = (release: StoredRelease) => this.#shown(release, url);
    switch (name) {
      case "GetTag":
        return this.#tag(decodeURIComponent(id));
      case "GetTagObject":
        return jsonReply(200, { object: { type: "commit", sha: id.replace(/^tag-/, "") } });
      case "ListReleases": {
        const page = Number(request.url.searchParams.get("page") ?? 1);
        const size = Number(request.url.searchParams.get("per_page") ?? 30);
        return jsonReply(200, this.releases.toReversed().slice((page - 1) * size, page * size).map(shown));
      }
      case "CreateRelease":
        return jsonReply(201, shown(this.#create(JSON.parse(request.body))));
      case "GetRelease":
        return jsonReply(200, shown(this.#release(Number(id))));
      case "PublishRelease":
        return jsonReply(200, shown(this.#update(Number(id), JSON.parse(request.body))));
      case "DeleteRelease":
        this.releases.splice(this.releases.indexOf(this.#release(Number(id))), 1);
        return { status: 204, headers: {}, body: "" };
      case "UploadAsset":
        return this.#complete(begun, request);
      case "DeleteAsset":
        return this.#deleteAsset(Number(id));
      default:
        return { status: 200, headers: {}, body: this.#asset(Number(id)).asset.content };
    }
  }

  #tag(tag: string): Reply {
    const commit = this.tags.get(tag);
    if (commit === undefined) throw refusal(404, "Not Found");
    return jsonReply(200, { ref: `refs/tags/${tag}`, object: { type: "tag", sha: `tag-${commit}` } });
  }

  #create(body: { tag_name: string; draft: boolean; prerelease: boolean }): StoredRelease {
    const { tag_name: tag, draft, prerelease } = body;
    if (this.releases.some((one) => one.tag === tag && !one.draft)) throw refusal(422, "already_exists");
    return this.add({ tag, draft, prerelease }, new Map());
  }

  /** A tag that is not there would be made by publishing, from whatever the default branch is at. */
  #update(id: number, body: { draft?: boolean; prerelease?: boolean; make_latest?: string }): StoredRelease {
    const release = this.#release(id);
    if (!this.tags.has(release.tag)) this.tags.set(release.tag, randomUUID());
    release.draft = body.draft ?? release.draft;
    release.prerelease = body.prerelease ?? release.prerelease;
    if (body.make_latest === "true") { for (const one of this.releases) one.latest = one === release; }
    return release;
  }

  #begin(id: number, request: ApiRequest): StoredAsset | undefined {
    const release = this.releases.find((one) => one.id === id);
    const name = request.url.searchParams.get("name") ?? "";
    if (release === undefined || release.assets.some((asset) => asset.name === name)) return undefined;
    const asset: StoredAsset = { id: this.#nextId++, name, state: "starter", content: new Uint8Array() };
    release.assets.push(asset);
    return asset;
  }

  #complete(begun: StoredAsset | undefined, request: ApiRequest): Reply {
    if (begun === undefined) throw refusal(422, "already_exists");
    begun.state = "uploaded";
    begun.content = request.bytes;
    return jsonReply(201, { id: begun.id, name: begun.name, state: begun.state });
  }

  #deleteAsset(id: number): Reply {
    const { release, asset } = this.#asset(id);
    release.assets.splice(release.assets.indexOf(asset), 1);
    return { status: 204, headers: {}, body: "" };
  }

  #release(id: number): StoredRelease {
    const found = this.releases.find((release) => release.id === id);
    if (found === undefined) throw refusal(404, "Not Found");
    return found;
  }

  #asset(id: number): { release: StoredRelease; asset: StoredAsset } {
    for (const release of this.releases) {
      const asset = release.assets.find((one) => one.id === id);
      if (asset !== undefined) return { release, asset };
    }
    throw refusal(404, "Not Found");
  }

  #shown({ id, tag, draft, prerelease, assets }: StoredRelease, url: string) {
    return {
      id,
      tag_name: tag,
      draft,
      prerelease,
      upload_url: `${url}/repos/${this.#repository}/uploads/${id}/assets{?name,label}`,
      assets: assets.map((asset) => ({
        id: asset.id,
        name: asset.name,
        state: asset.state,
        size: asset.content.length,
        ...(this.digests
          ? { digest: `sha256:${createHash("sha256").update(asset.content).digest("hex")}` }
          : {}),
      })),
    };
  }
}

interface Asked {
  readonly id: string;
  readonly request: ApiRequest;
  readonly url: string;
  readonly begun: StoredAsset | undefined;
}

/** By method and what follows the repository in the path. Source: GitHub's REST API. */
const ROUTES: readonly (readonly [string, RegExp, string])[] = [
  ["GET", /^git\/ref\/tags\/([^/]+)$/, "GetTag"],
  ["GET", /^git\/tags\/([\w-]+)$/, "GetTagObject"],
  ["GET", /^releases$/, "ListReleases"],
  ["POST", /^releases$/, "CreateRelease"],
  ["GET", /^releases\/(\d+)$/, "GetRelease"],
  ["PATCH", /^releases\/(\d+)$/, "PublishRelease"],
  ["DELETE", /^releases\/(\d+)$/, "DeleteRelease"],
  ["POST", /^uploads\/(\d+)\/assets$/, "UploadAsset"],
  ["DELETE", /^releases\/assets\/(\d+)$/, "DeleteAsset"],
  ["GET", /^releases\/assets\/(\d+)$/, "DownloadAsset"],
];

function refuse({ status, message, headers = {} }: ApiFailure): Reply {
  return jsonReply(status, { message }, { ...headers });
}

function refusal(status: number, message: string): ApiRefusal {
  return new ApiRefusal({ status, code: "", message });
}
