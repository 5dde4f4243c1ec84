import { createHash } from "node:crypto";
import {
  answerOrRefuse,
  type ApiCall,
  type ApiFailure,
  ApiRefusal,
  type ApiRequest,
  jsonReply,
  type Reply,
} from "../../local_cloud/server/api_call.ts";

interface Manifest {
  readonly mediaType: string;
  readonly content: Uint8Array;
}

/** What a registry keeps of one repository. */
export interface StoredRepository {
  readonly blobs: Map<string, Uint8Array>;
  readonly manifests: Map<string, Manifest>;
  /** Digests by tag. */
  readonly tags: Map<string, string>;
}

/** A container registry with accounts, as GitHub's is: whoever has no account sees what is public. */
export class StandInRegistry {
  readonly repositories = new Map<string, StoredRepository>();
  /** Whether a repository can be seen without an account. */
  isPublic = true;
  readonly #password: string;

  constructor(password: string) {
    this.#password = password;
  }

  /** The call that a request is; undefined where it is for somebody else. */
  identify(request: ApiRequest, url: string): ApiCall | undefined {
    const found = routeOf(request);
    if (found === undefined) return undefined;
    const { name, repository, reference } = found;
    const credential = request.headers["authorization"] ?? "";
    return {
      api: "registry",
      name,
      credential,
      refuse,
      answer: () =>
        answerOrRefuse(refuse, () => {
          if (name === "Token") return this.#token(request);
          const writes = request.method !== "GET" && request.method !== "HEAD";
          const may = credential === "Bearer writer" ||
            (!writes && credential === "Bearer reader" && this.isPublic);
          if (!may) throw this.#challenge(url, repository);
          return this.#answer(name, request, this.repository(repository), reference);
        }),
    };
  }

  /** A repository, made when it is first named. */
  repository(name: string): StoredRepository {
    const there = this.repositories.get(name) ??
      {
        blobs: new Map<string, Uint8Array>(),
        manifests: new Map<string, Manifest>(),
        tags: new Map<string, string>(),
      };
    this.repositories.set(name, there);
    return there;
  }

  #answer(name: string, request: ApiRequest, repository: StoredRepository, reference: string): Reply {
    switch (name) {
      case "HeadBlob":
        if (!repository.blobs.has(reference)) throw refusal(404, "BLOB_UNKNOWN");
        return { status: 200, headers: {}, body: "" };
      case "BeginUpload":
        return { status: 202, headers: { location: `${request.url.pathname}1` }, body: "" };
      case "PutBlob":
        return putBlob(request, repository);
      case "PutManifest":
        return putManifest(request, repository, reference);
      default:
        return getManifest(repository, reference);
    }
  }

  #token(request: ApiRequest): Reply {
    const given = request.headers["authorization"];
    if (given === undefined) {
      return this.isPublic
        ? jsonReply(200, { token: "reader" })
        : refuse({ status: 403, code: "", message: "DENIED" });
    }
    const [, password] = atob(given.replace(/^Basic /, "")).split(":");
    if (password !== this.#password) throw refusal(403, "DENIED");
    return jsonReply(200, { token: "writer" });
  }

  #challenge(url: string, repository: string): ApiRefusal {
    const realm = `Bearer realm="${url}/token",service="registry",scope="repository:${repository}:pull,push"`;
    return new ApiRefusal({
      status: 401,
      code: "",
      message: "UNAUTHORIZED",
      headers: { "www-authenticate": realm },
    });
  }
}

/** By method and what follows the repository's name. Source: OCI distribution spec. */
const ROUTES: readonly (readonly [string, RegExp, string])[] = [
  ["HEAD", /^blobs\/(sha256:[0-9a-f]{64})$/, "HeadBlob"],
  ["POST", /^blobs\/uploads\/$/, "BeginUpload"],
  ["PUT", /^blobs\/uploads\/(\d+)$/, "PutBlob"],
  ["PUT", /^manifests\/([\w.-]+)$/, "PutManifest"],
  ["HEAD", /^manifests\/([\w.:-]+)$/, "GetManifest"],
  ["GET", /^manifests\/([\w.:-]+)$/, "GetManifest"],
];

function routeOf({ method, url: { pathname } }: ApiRequest) {
  if (pathname === "/token") return { name: "Token", repository: "", reference: "" };
  const [, repository = "", rest = ""] = /^\/v2\/(.+?)\/((?:blobs|manifests)\/.*)$/.exec(pathname) ?? [];
  for (const [verb, pattern, name] of ROUTES) {
    const found = verb === method ? pattern.exec(rest) : null;
    if (found !== null) return { name, repository, reference: found[1] ?? "" };
  }
  return undefined;
}

function putBlob({ url, bytes }: ApiRequest, { blobs }: StoredRepository): Reply {
  const digest = url.searchParams.get("digest") ?? "";
  if (digest !== digestOf(bytes)) throw refusal(400, "DIGEST_INVALID");
  blobs.set(digest, bytes);
  return { status: 201, headers: { "docker-content-digest": digest }, body: "" };
}

/** A registry takes a manifest only when it has everything that this names. */
function putManifest(
  { headers, body, bytes }: ApiRequest,
  { blobs, manifests, tags }: StoredRepository,
  tag: string,
): Reply {
  const { config, layers = [], manifests: parts = [] } = JSON.parse(body) as
    & Record<string, { digest: string }[]>
    & {
      config?: { digest: string };
    };
  const missing = [
    ...[...(config === undefined ? [] : [config]), ...layers].filter(({ digest }) => !blobs.has(digest)),
    ...parts.filter(({ digest }) => !manifests.has(digest)),
  ];
  if (missing.length > 0) throw refusal(400, "MANIFEST_BLOB_UNKNOWN");
  const digest = digestOf(bytes);
  manifests.set(digest, { mediaType: headers["content-type"] ?? "", content: bytes });
  tags.set(tag, digest);
  return { status: 201, headers: { "docker-content-digest": digest }, body: "" };
}

function getManifest({ manifests, tags }: StoredRepository, reference: string): Reply {
  const digest = tags.get(reference) ?? reference;
  const manifest = manifests.get(digest);
  if (manifest === undefined) throw refusal(404, "MANIFEST_UNKNOWN");
  const headers = { "content-type": manifest.mediaType, "docker-content-digest": digest };
  return { status: 200, headers, body: manifest.content };
}

function digestOf(content: Uint8Array): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

function refuse({ status, message, headers = {} }: ApiFailure): Reply {
  return jsonReply(status, { errors: [{ code: message }] }, { ...headers });
}

function refusal(status: number, message: string): ApiRefusal {
  return new ApiRefusal({ status, code: "", message });
}
