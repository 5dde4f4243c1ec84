import { Happenings } from "../../local_cloud/server/happenings.ts";
import { Faults } from "../../local_cloud/server/faults.ts";
import { openHttpServer } from "../../local_cloud/server/http_server.ts";
import { RequestLog } from "../../local_cloud/server/request_log.ts";
import { ContainerRegistry } from "../container_registry.ts";
import { GitHubReleases } from "../github_releases.ts";
import type { ImageFamily } from "../publish_images.ts";
import type { LocalImage } from "../image_archive.ts";
import type { Service } from "../service.ts";
import { StandInGitHub } from "./stand_in_github.ts";
import { StandInRegistry } from "./stand_in_registry.ts";

/** The calls that publishing makes, which faults may strike. */
export const PUBLISHING_CALLS = [
  "GetTag",
  "GetTagObject",
  "ListReleases",
  "CreateRelease",
  "GetRelease",
  "PublishRelease",
  "DeleteRelease",
  "UploadAsset",
  "DeleteAsset",
  "DownloadAsset",
  "Token",
  "HeadBlob",
  "BeginUpload",
  "PutBlob",
  "GetManifest",
  "PutManifest",
] as const;
export type PublishingCall = typeof PUBLISHING_CALLS[number];

const REPOSITORY = "acme/runner";
const TOKEN = "rehearsal-token";
/** On one machine an answer takes some milliseconds, and a silence has to be outwaited often. */
const PATIENCE_MS = 250;

/** GitHub and a registry on loopback, and what publishing needs to reach them. */
export interface Stage extends AsyncDisposable {
  readonly github: StandInGitHub;
  readonly registry: StandInRegistry;
  readonly faults: Faults<PublishingCall>;
  readonly requests: RequestLog;
  readonly releases: GitHubReleases;
  family(type: string, images: ReadonlyMap<string, LocalImage>): ImageFamily;
}

/** Sets the stage. Pauses are short, and so is the patience with what does not answer. */
export async function setStage(): Promise<Stage> {
  const folder = await Deno.makeTempDir({ prefix: "rehearsal-" });
  const server = await openHttpServer(0, `${folder}/socket`);
  const { url } = server;
  const github = new StandInGitHub(REPOSITORY, TOKEN);
  const registry = new StandInRegistry(TOKEN);
  const faults = new Faults<PublishingCall>();
  const requests = new RequestLog();
  server.serve({
    faults,
    requests,
    happenings: new Happenings(),
    identify: (request) => github.identify(request, url) ?? registry.identify(request, url),
    other: () => Promise.resolve({ status: 404, headers: {}, body: "" }),
  });
  const service = (path: string, headers: Record<string, string> = {}): Service => ({
    url: `${url}${path}`,
    headers,
    timeoutMs: PATIENCE_MS,
    pauseMs: 5,
  });
  return {
    github,
    registry,
    faults,
    requests,
    releases: new GitHubReleases(service("", { authorization: `Bearer ${TOKEN}` }), REPOSITORY),
    family: (type, images) => ({
      name: `${new URL(url).host}/${REPOSITORY}-${type}`,
      registry: new ContainerRegistry(service(`/v2/${REPOSITORY}-${type}`), {
        user: "actor",
        password: TOKEN,
      }),
      timeoutMs: PATIENCE_MS,
      images,
    }),
    async [Symbol.asyncDispose]() {
      await server.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
}
