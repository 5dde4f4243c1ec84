import { projectFile } from "../programs/checkout.ts";

/** What the changelog says of a version, by its tag; throws where it says nothing. */
export function releaseNotes(tag: string, changelog = text()): string {
  const version = tag.replace(/^v/, "");
  const sections = changelog.split(/^## /m).slice(1);
  const own = sections.find((section) => section.split(/[\s(]/, 1)[0] === version);
  const notes = own?.slice(own.indexOf("\n") + 1).trim() ?? "";
  if (notes === "") {
    throw new Error(`Cannot publish ${tag}: .github/CHANGELOG.md has no section «## ${version}»`);
  }
  return `${notes}\n`;
}

function text(): string {
  return new TextDecoder().decode(projectFile(".github/CHANGELOG.md"));
}
