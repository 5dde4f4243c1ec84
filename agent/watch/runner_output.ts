import { dirname } from "node:path";
import type { Host } from "../../shared/program/host.ts";
import { FolderAlarm } from "./folder_alarm.ts";
import { LogFollower, type Place } from "./log_follower.ts";
import { OnceEach } from "./once_each.ts";
import { findOwnLog, type OwnFolder, ownFolder } from "./own_log.ts";

export interface OutputSources {
  /** The file that the runner's stdout goes to. */
  readonly stdout: string;
  /** Tells where the runner's own file is to be; undefined where that is not known. */
  readonly own?: OwnFolder | undefined;
  /** Of how many runners it is one, by default of one alone: what is remembered is shared by all. */
  readonly runners?: number | undefined;
  /** Where an earlier phase has come to. */
  readonly places?: OutputPlaces | undefined;
}

/** How far both files have been read. */
export interface OutputPlaces {
  readonly stdout?: Place | undefined;
  readonly own?: Place | undefined;
}

/** The net below the notifications, and what does for them where the system gives none. */
const SLOW_LOOK_MS = { notified: 5000, alone: 1000 };

/** The runner's output, from stdout's file and from the runner's own file, each line once. */
export class RunnerOutput {
  readonly #host: Pick<Host, "monotonicMs">;
  readonly #sources: OutputSources;
  readonly #stdout: LogFollower;
  readonly #alarm: FolderAlarm;
  readonly #merged: OnceEach;
  #own: LogFollower | undefined;
  #ownPath: string | undefined;
  #readMs = -Infinity;

  constructor(sources: OutputSources, host: Pick<Host, "sleep" | "monotonicMs">) {
    this.#host = host;
    this.#sources = sources;
    this.#stdout = new LogFollower(sources.stdout, sources.places?.stdout);
    this.#merged = new OnceEach(sources.runners);
    this.#alarm = new FolderAlarm(host);
  }

  /** Whether the last call left something unread, since there was too much. */
  get behind(): boolean {
    return this.#stdout.behind || (this.#own?.behind ?? false);
  }

  /** Whether the next reading may bring something: there was a notification, or a reading is due without one. */
  get mayHaveMore(): boolean {
    return this.#alarm.rung || this.#host.monotonicMs() >= this.#nextReadingMs;
  }

  /** How many bytes of both files were passed over, since there was too much. */
  get skippedBytes(): number {
    return this.#stdout.skippedBytes + (this.#own?.skippedBytes ?? 0);
  }

  /** How far both files have been read. */
  get places(): OutputPlaces {
    return { stdout: this.#stdout.place, own: this.#own?.place };
  }

  /** The complete lines since the last call, up to a megabyte of each source: a flood takes more calls. */
  readNewLines(): string[] {
    const { own } = this.#sources;
    if (own !== undefined && this.#own === undefined) this.#findOwn(own);
    // Before the reading, so that a change during it rings.
    this.#alarm.watch(this.#folders());
    this.#readMs = this.#host.monotonicMs();
    const lines = this.#stdout.readNewLines();
    if (own === undefined) return lines;
    const ownLines = this.#own?.readNewLines() ?? [];
    return [...this.#merged.newOf("stdout", lines), ...this.#merged.newOf("own", ownLines)];
  }

  /**
   * Resolves when there may be something new to read, by notification of the file system, at the latest after `ms` or
   * when a reading is due; rejects with the signal's reason.
   */
  async waitForMore(ms: number, signal: AbortSignal): Promise<void> {
    const untilReadingMs = this.#nextReadingMs - this.#host.monotonicMs();
    await this.#alarm.wait(Math.max(0, Math.min(ms, untilReadingMs)), signal);
  }

  /** Ends the wait that is under way. */
  ring(): void {
    this.#alarm.ring();
  }

  close(): void {
    this.#alarm.close();
    this.#stdout.close();
    this.#own?.close();
  }

  /** In monotonic milliseconds, whatever is notified. */
  get #nextReadingMs(): number {
    if (this.behind) return -Infinity;
    const slowMs = this.#alarm.works ? SLOW_LOOK_MS.notified : SLOW_LOOK_MS.alone;
    // At the moments of the looks at the machine, see `nextBeat()`, so that one waking does for both.
    return (Math.floor(this.#readMs / slowMs) + 1) * slowMs;
  }

  #findOwn(own: OwnFolder): void {
    this.#ownPath = findOwnLog(own);
    if (this.#ownPath === undefined) return;
    this.#own = new LogFollower(this.#ownPath, this.#sources.places?.own);
  }

  #folders(): string[] {
    const { stdout, own } = this.#sources;
    if (own === undefined) return [dirname(stdout)];
    const ownFolders = this.#ownPath === undefined
      ? [own.workingDirectory, ownFolder(own)]
      : [dirname(this.#ownPath)];
    return [dirname(stdout), ...ownFolders];
  }
}
