// Runs before a program that a wrapper started: what the wrapper set for Deno is not to reach what the program starts.
import { knowInstallers } from "../../shared/program/version.ts";

knowInstallers(Deno.env.get("INSTALLER_HASHES") ?? "");
for (const name of ["DENO_DIR", "DENO_NO_UPDATE_CHECK", "INSTALLER_HASHES"]) Deno.env.delete(name);
