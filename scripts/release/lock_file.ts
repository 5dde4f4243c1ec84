/** A package of the lock file with what it needs, by keys as in `zod@4.6.7`. */
export interface LockedPackage {
  readonly key: string;
  readonly name: string;
  readonly version: string;
  /** Subresource integrity of the package's archive, as in `sha512-…`. */
  readonly integrity: string;
  readonly dependencies: readonly string[];
}

interface LockFile {
  readonly specifiers: Readonly<Record<string, string>>;
  readonly npm?: Readonly<Record<string, { integrity: string; dependencies?: readonly string[] }>>;
}

/** The packages that the named ones amount to, with all that these need, sorted by key; from deno.lock, version 5. */
export function lockedPackages(lockText: string, names: readonly string[]): LockedPackage[] {
  const lock: LockFile = JSON.parse(lockText);
  const found = new Map<string, LockedPackage>();
  const pending = names.map((name) => rootKey(lock, name));
  for (let key = pending.pop(); key !== undefined; key = pending.pop()) {
    if (found.has(key)) continue;
    const locked = lockedPackage(lock, key);
    found.set(key, locked);
    pending.push(...locked.dependencies);
  }
  return [...found.values()].sort((a, b) => a.key < b.key ? -1 : 1);
}

/** deno.json pins exact versions, so that a package has one specifier. */
function rootKey(lock: LockFile, name: string): string {
  const specifier = Object.keys(lock.specifiers).find((specifier) => specifier.startsWith(`npm:${name}@`));
  if (specifier === undefined) throw new Error(`Cannot list the packages: deno.lock has no ${name}`);
  return `${name}@${lock.specifiers[specifier]}`;
}

function lockedPackage(lock: LockFile, key: string): LockedPackage {
  const entry = lock.npm?.[key];
  if (entry === undefined) throw new Error(`Cannot list the packages: deno.lock has no ${key}`);
  // A version may be followed by the peer packages that it was resolved with, as in `a@1.0.0_b@2.0.0`.
  const at = key.indexOf("@", 1);
  return {
    key,
    name: key.slice(0, at),
    version: key.slice(at + 1).split("_")[0] ?? "",
    integrity: entry.integrity,
    dependencies: (entry.dependencies ?? []).map((dependency) => dependencyKey(lock, dependency)),
  };
}

/** Only packages of which there are several versions are listed with theirs. */
function dependencyKey(lock: LockFile, dependency: string): string {
  if (dependency.includes("@", 1)) return dependency;
  const key = Object.keys(lock.npm ?? {}).find((key) => key.startsWith(`${dependency}@`));
  if (key === undefined) throw new Error(`Cannot list the packages: deno.lock has no ${dependency}`);
  return key;
}
