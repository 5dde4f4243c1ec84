import { InvalidValue } from "../../shared/settings/settings.ts";

/**
 * The absolute path of a folder. It stands in lists of paths and of mounts, where a colon would end it, and what is made
 * below it is to stay there.
 */
export function folderPath(value: string): string {
  const plain = /^\/[^:\ufffd\p{C}]*$/u.test(value);
  if (plain && !value.split("/").includes("..")) return value;
  throw new InvalidValue("the absolute path of a folder, without «..», colons and control characters");
}

/** A CodeBuild build's id, as in `project:uuid`; the runner's name is made of it. */
export function buildId(value: string): string {
  if (/^[A-Za-z0-9][\w-]{0,149}:[A-Za-z0-9][\w-]{0,63}$/.test(value)) return value;
  throw new InvalidValue("a build's id, as in project:0a1b2c3d-0000-4000-8000-000000000000");
}

/** A container image's name; docker would take one with a dash before it for an option. */
export function imageName(value: string): string {
  const name = value.trim();
  if (/^[A-Za-z0-9[][\w.:/@[\]-]{0,511}$/.test(name)) return name;
  throw new InvalidValue("the name of a container image, as in registry.example.com/runner:5.6.0");
}

/** Milliseconds since 1970; undefined for whatever else CodeBuild may say: nothing but an account depends on it. */
export function unixTime(value: string): number | undefined {
  return /^\d{13}$/.test(value) ? Number(value) : undefined;
}
