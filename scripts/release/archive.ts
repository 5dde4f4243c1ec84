import { gunzipSync, gzipSync } from "node:zlib";
import { packTar, unpackTar } from "modern-tar";

/** One file of an archive; `path` is relative and has no dot parts. */
export interface ArchiveEntry {
  readonly path: string;
  readonly content: Uint8Array;
  readonly executable: boolean;
}

/** Any fixed time will do; tar warns of «implausibly old» ones near 1970. */
const FIXED_TIME = new Date("2000-01-01T00:00:00Z");

/** A tar.gz whose bytes depend on the entries alone: sorted, with fixed times, owners and modes. */
export async function packArchive(entries: readonly ArchiveEntry[]): Promise<Uint8Array> {
  const sorted = [...entries].sort((a, b) => a.path < b.path ? -1 : 1);
  const tar = await packTar(sorted.map(({ path, content, executable }) => ({
    header: {
      name: path,
      type: "file",
      size: content.length,
      mode: executable ? 0o755 : 0o644,
      mtime: FIXED_TIME,
      uid: 0,
      gid: 0,
    },
    body: content,
  })));
  return gzipSync(tar, { level: 9 });
}

/** The files of a tar.gz. Throws where one would lie outside of the folder it is unpacked into, or is a link. */
export async function unpackArchive(archive: Uint8Array): Promise<ArchiveEntry[]> {
  const entries: ArchiveEntry[] = [];
  for (const { header, data } of await unpackTar(gunzipSync(archive))) {
    if (header.type === "directory") continue;
    if (header.type !== "file") {
      throw new Error(`Cannot use the archive: «${header.name}» is a ${header.type}`);
    }
    entries.push({
      path: safePath(header.name),
      content: data ?? new Uint8Array(),
      executable: ((header.mode ?? 0) & 0o111) !== 0,
    });
  }
  return entries;
}

function safePath(name: string): string {
  const parts = name.split("/").filter((part) => part !== "." && part !== "");
  if (name.startsWith("/") || parts.includes("..")) {
    throw new Error(`Cannot use the archive: «${name}» lies outside of it`);
  }
  return parts.join("/");
}
