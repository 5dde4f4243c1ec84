import { statSync } from "node:fs";
import type { Host } from "../../shared/program/host.ts";
import { valueOr } from "../../shared/program/value_or.ts";

/** The shortest time between two alarms, in milliseconds, so that a flood of changes costs little. */
const GAP_MS = 25;

/** Rings when something changes in a folder, by notification of the file system; where that does not work it stays silent. */
export class FolderAlarm {
  readonly #host: Pick<Host, "sleep">;
  readonly #closing = new AbortController();
  #watcher: Deno.FsWatcher | undefined;
  #folders = "";
  #rung = false;
  #onRing: (() => void) | undefined;

  constructor(host: Pick<Host, "sleep">) {
    this.#host = host;
  }

  /** Whether the file system tells of changes, as far as is known. */
  get works(): boolean {
    return this.#watcher !== undefined;
  }

  /** Whether something has changed since the watching began anew. */
  get rung(): boolean {
    return this.#rung;
  }

  /** From now on watches these folders, as far as they are there, and forgets that it has rung. */
  watch(folders: readonly string[]): void {
    this.#rung = false;
    const present = [...new Set(folders)].filter(exists);
    if (present.join("\n") === this.#folders || this.#closing.signal.aborted) return;
    this.#folders = present.join("\n");
    this.#watcher?.close();
    // None where the machine has no notifications left to give.
    this.#watcher = present.length === 0
      ? undefined
      : valueOr(undefined, () => Deno.watchFs(present, { recursive: false }));
    if (this.#watcher !== undefined) void this.#pass(this.#watcher).catch(() => {});
    // What has changed before the watching began is not told.
    this.ring();
  }

  /** Resolves when it has rung or rings, after `ms` milliseconds at the latest; rejects with the signal's reason. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const over = new AbortController();
    const end = () => over.abort();
    signal.addEventListener("abort", end, { once: true });
    this.#onRing = end;
    try {
      // Even when it has rung already, others get their turn.
      await this.#host.sleep(this.#rung ? 0 : ms, over.signal);
    } catch {
      signal.throwIfAborted();
    } finally {
      signal.removeEventListener("abort", end);
      this.#onRing = undefined;
    }
  }

  close(): void {
    this.#closing.abort();
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  /** Ends the wait that is under way, or the next one at once. */
  ring(): void {
    this.#rung = true;
    this.#onRing?.();
  }

  async #pass(watcher: Deno.FsWatcher): Promise<void> {
    for await (const _change of watcher) {
      this.ring();
      await this.#host.sleep(GAP_MS, this.#closing.signal);
    }
  }
}

function exists(folder: string): boolean {
  return valueOr(false, () => statSync(folder).isDirectory());
}
