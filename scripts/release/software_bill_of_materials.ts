import { createHash } from "node:crypto";
import { Enums, Models, Serialize, Spec } from "@cyclonedx/cyclonedx-library";
import { type LockedPackage, lockedPackages } from "./lock_file.ts";

/** What the bill is made of. */
export interface BillOptions {
  readonly version: string;
  readonly lockText: string;
  /** Names of the packages that shipped code imports. */
  readonly packages: readonly string[];
  readonly denoVersion: string;
  readonly runnerVersion: string;
  /** Whether bundles hold Atlassian's runner; else it is downloaded where they are installed. */
  readonly runnerBundled: boolean;
}

/**
 * What the programs and bundles are made of, as CycloneDX 1.6: the npm packages with their checksums, the Deno
 * runtime and Atlassian's runner. It has no time in it, so that the same inputs give the same bytes.
 */
export function softwareBillOfMaterials(options: BillOptions): Uint8Array {
  const bom = new Models.Bom();
  const product = component("aws-bitbucket-runner", options.version, Enums.ComponentType.Application);
  bom.metadata.component = product;
  const packages = lockedPackages(options.lockText, options.packages);
  const components = new Map(packages.map((locked) => [locked.key, packageComponent(locked)]));
  for (const locked of packages) {
    for (const key of locked.dependencies) addDependency(components.get(locked.key), components.get(key));
  }
  const others = [
    component("deno", options.denoVersion, Enums.ComponentType.Platform),
    runnerComponent(options),
  ];
  for (const part of [...components.values(), ...others]) bom.components.add(part);
  for (const { name, key } of packages) {
    if (options.packages.includes(name)) addDependency(product, components.get(key));
  }
  for (const part of others) addDependency(product, part);
  bom.serialNumber = serialNumber(serialize(bom));
  return new TextEncoder().encode(`${serialize(bom)}\n`);
}

function packageComponent(locked: LockedPackage): Models.Component {
  const { name, version, integrity } = locked;
  const made = component(name, version, Enums.ComponentType.Library);
  made.purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
  made.bomRef.value = locked.key;
  made.hashes.set(Enums.HashAlgorithm["SHA-512"], hexOf(integrity));
  return made;
}

function runnerComponent({ runnerVersion, runnerBundled }: BillOptions): Models.Component {
  const made = component(
    "atlassian-bitbucket-pipelines-runner",
    runnerVersion,
    Enums.ComponentType.Application,
  );
  if (runnerBundled) return made;
  made.properties.add(new Models.Property("aws-bitbucket-runner:delivery", "downloaded in the build"));
  return made;
}

function component(name: string, version: string, type: Enums.ComponentType): Models.Component {
  return new Models.Component(type, name, { version, bomRef: `${name}@${version}` });
}

function addDependency(from: Models.Component | undefined, to: Models.Component | undefined): void {
  if (from !== undefined && to !== undefined) from.dependencies.add(to.bomRef);
}

function hexOf(integrity: string): string {
  const digest = Uint8Array.fromBase64(integrity.replace(/^sha512-/, ""));
  return digest.toHex();
}

function serialize(bom: Models.Bom): string {
  const factory = new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6);
  return new Serialize.JsonSerializer(factory).serialize(bom, { sortLists: true, space: 2 });
}

/** A UUID of version 8 made from the content: another content has another number. */
function serialNumber(content: string): string {
  const hex = createHash("sha256").update(content).digest("hex");
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return `urn:uuid:${parts.join("-")}`;
}
