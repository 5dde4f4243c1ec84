import type { ApiRequest, Reply } from "./api_call.ts";

/** Serves the files of a release folder below /release/, as a release's download page does. */
export async function releaseFile(folder: string | undefined, request: ApiRequest): Promise<Reply> {
  const name = /^\/release\/([\w.-]+)$/.exec(request.url.pathname)?.[1];
  if (folder === undefined || name === undefined) return missing(request.url.pathname);
  try {
    const body = await Deno.readFile(`${folder}/${name}`);
    return { status: 200, headers: { "content-type": "application/octet-stream" }, body };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return missing(request.url.pathname);
    throw error;
  }
}

function missing(path: string): Reply {
  return { status: 404, headers: { "content-type": "text/plain" }, body: `Not found: ${path}\n` };
}
