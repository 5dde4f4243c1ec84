import { boundedBody, EndlessAnswerError } from "../../shared/program/bounded_body.ts";

/** A file in a ZIP archive. */
export interface ZipEntry {
  readonly name: string;
  readonly deflated: boolean;
  readonly compressedSize: number;
  /** Where its local header begins. */
  readonly offset: number;
}

const END_SIGNATURE = 0x06054b50;
const END_SIZE = 22;
const LONGEST_COMMENT = 0xffff;
const ENTRY_SIGNATURE = 0x02014b50;
const ENTRY_SIZE = 46;
const LOCAL_SIZE = 30;
const STORED = 0;
const DEFLATED = 8;
/** For a directory, or one file's content, in bytes; the runner's jar has thousands of files, its largest text is far below. */
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * The files of a ZIP archive, by its central directory (section 4.3 of PKWARE's APPNOTE). It is read by its size: the count
 * of entries overflows in large archives. Rejects with an Error that says what is wrong with it.
 */
export async function listZip(file: Deno.FsFile): Promise<ZipEntry[]> {
  const { size } = await file.stat();
  const tail = await readAt(file, Math.max(0, size - END_SIZE - LONGEST_COMMENT), size);
  let end = tail.byteLength - END_SIZE;
  while (end >= 0 && tail.getUint32(end, true) !== END_SIGNATURE) end--;
  if (end < 0) throw new Error("it is no ZIP archive");
  const start = tail.getUint32(end + 16, true);
  return [...entriesOf(await readAt(file, start, start + tail.getUint32(end + 12, true)))];
}

/** The content of a file in the archive. Rejects with an Error where it cannot be had, or inflates beyond `MOST_BYTES`. */
export async function readZipEntry(file: Deno.FsFile, entry: ZipEntry): Promise<Uint8Array> {
  const header = await readAt(file, entry.offset, entry.offset + LOCAL_SIZE);
  const start = entry.offset + LOCAL_SIZE + header.getUint16(26, true) + header.getUint16(28, true);
  const content = await readAt(file, start, start + entry.compressedSize);
  if (!entry.deflated) return bytesOf(content);
  const inflated = new Blob([content]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return await boundedBody(new Response(inflated), MOST_BYTES).bytes().catch((error) => {
    throw error instanceof EndlessAnswerError ? new Error(`it inflates to ${error.message}`) : error;
  });
}

function* entriesOf(directory: DataView<ArrayBuffer>): Generator<ZipEntry> {
  for (let at = 0; at + ENTRY_SIZE <= directory.byteLength;) {
    if (directory.getUint32(at, true) !== ENTRY_SIGNATURE) throw new Error("its directory is broken");
    const nameLength = directory.getUint16(at + 28, true);
    const method = directory.getUint16(at + 10, true);
    if (method === STORED || method === DEFLATED) {
      yield {
        name: new TextDecoder().decode(
          bytesOf(directory).subarray(at + ENTRY_SIZE, at + ENTRY_SIZE + nameLength),
        ),
        deflated: method === DEFLATED,
        compressedSize: directory.getUint32(at + 20, true),
        offset: directory.getUint32(at + 42, true),
      };
    }
    at += ENTRY_SIZE + nameLength + directory.getUint16(at + 30, true) + directory.getUint16(at + 32, true);
  }
}

async function readAt(file: Deno.FsFile, start: number, end: number): Promise<DataView<ArrayBuffer>> {
  // Checked before memory is asked for: a broken archive may claim gigabytes.
  if (end > (await file.stat()).size) throw new Error("it is cut off");
  if (end - start > MOST_BYTES) throw new Error("a part of it is larger than any of a runner's");
  const bytes = new Uint8Array(end - start);
  await file.seek(start, Deno.SeekMode.Start);
  for (let filled = 0; filled < bytes.length;) {
    const read = await file.read(bytes.subarray(filled));
    if (read === null) throw new Error("it is cut off");
    filled += read;
  }
  return new DataView(bytes.buffer);
}

function bytesOf(view: DataView<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(view.buffer);
}
