import { gunzipSync, gzipSync } from "node:zlib";
import { packTar, unpackTar } from "modern-tar";

/** One file of an archive; `path` is relative and has no dot parts. */
export interface ArchiveEntry {
  readonly path: string;
  readonly content: Uint8Array;
  readonly executable: boolean;
  /** Where a symbolic link leads to, from its own folder; it has no content of its own. */
  readonly link?: string;
}

/** Any fixed time will do; tar warns of «implausibly old» ones near 1970. */
const FIXED_TIME = new Date("2000-01-01T00:00:00Z");

/** A tar.gz whose bytes depend on the entries alone: sorted, with fixed times, owners and modes. */
export async function packArchive(entries: readonly ArchiveEntry[]): Promise<Uint8Array> {
  const sorted = [...entries].sort((a, b) => a.path < b.path ? -1 : 1);
  const tar = await packTar(sorted.map(({ path, content, executable, link }) => ({
    header: {
      name: path,
      type: link === undefined ? "file" : "symlink",
      ...(link === undefined ? {} : { linkname: link }),
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

/**
 * The files of a tar.gz, and the links in it that stay in it; what is linked hard is a file of its own. Throws where
 * something would lie outside of the folder it is unpacked into, leads out of it, or is of another kind.
 */
export async function unpackArchive(archive: Uint8Array): Promise<ArchiveEntry[]> {
  const entries: ArchiveEntry[] = [];
  for (const { header, data } of await unpackTar(gunzipSync(archive))) {
    if (header.type === "directory") continue;
    const entry = {
      path: safePath(header.name),
      content: data ?? new Uint8Array(),
      executable: ((header.mode ?? 0) & 0o111) !== 0,
    };
    entries.push({ ...entry, ...linked(entry.path, header, entries) });
  }
  for (const { path } of entries.filter((entry) => entry.link !== undefined)) {
    const others = entries.filter((entry) => entry.path === path || entry.path.startsWith(`${path}/`));
    if (others.length > 1) refuse(path, "is a link, and there is more of its name");
  }
  return entries;
}

type Header = Awaited<ReturnType<typeof unpackTar>>[number]["header"];

/** What makes an entry a link, or a copy of what it is linked to. */
function linked(path: string, header: Header, before: readonly ArchiveEntry[]): Partial<ArchiveEntry> {
  const { type, linkname: target = "" } = header;
  if (type === "file") return {};
  if (type === "symlink") return { link: safeTarget(path, target) };
  if (type !== "link") return refuse(path, `is a ${type}`);
  const original = before.find((entry) => entry.path === safePath(target) && entry.link === undefined);
  return original === undefined ? refuse(path, "is a link that leads out of it") : { ...original, path };
}

function safePath(name: string): string {
  const parts = name.split("/").filter((part) => part !== "." && part !== "");
  if (name.startsWith("/") || parts.includes("..")) refuse(name, "lies outside of it");
  return parts.join("/");
}

/** Up as far as the top, and then only down: so a chain of links leads nowhere else. The installer holds the same. */
function safeTarget(path: string, target: string): string {
  const [, up = "", down = ""] = /^((?:\.\.(?:\/|$))*)(.*)$/s.exec(target) ?? [];
  const tooFar = up.split("..").length > path.split("/").length;
  if (tooFar || down.startsWith("/") || down.split("/").includes("..")) {
    refuse(path, "is a link that leads out of it");
  }
  return target;
}

function refuse(name: string, why: string): never {
  throw new Error(`Cannot use the archive: «${name}» ${why}`);
}
