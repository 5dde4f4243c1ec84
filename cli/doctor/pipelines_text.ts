import { fileFault } from "../../shared/program/file_fault.ts";

/** Where a repository has its pipelines. */
export const USUAL_PIPELINES_FILE = "bitbucket-pipelines.yml";
/** The reason why there is no text where there is no file. */
export const NOT_THERE = "it is not there";
/** In bytes; the largest that people write are a tenth of it. */
const MOST_BYTES = 1024 * 1024;

/** The text of a pipeline file, or why it cannot be read. Never rejects. */
export async function readPipelinesText(path: string): Promise<string | { readonly reason: string }> {
  try {
    const { size, isFile } = await Deno.stat(path);
    if (!isFile) return { reason: "it is no file" };
    return size > MOST_BYTES
      ? { reason: `it has ${size} bytes, more than ${MOST_BYTES}` }
      : await Deno.readTextFile(path);
  } catch (error) {
    return { reason: error instanceof Deno.errors.NotFound ? NOT_THERE : fileFault(error) };
  }
}
