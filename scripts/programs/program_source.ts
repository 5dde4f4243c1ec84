import { type Architecture, type Program, programAsset } from "./asset_names.ts";
import { bundledPrograms } from "./bundled_programs.ts";
import { type CompileOptions, compileProgram } from "./compile_program.ts";
import { sourceWrappers } from "./source_wrappers.ts";

/** Where a release gets its programs from. */
export type ProgramForm =
  | { readonly form: "compiled" }
  | { readonly form: "from source" }
  | { readonly form: "bundled" }
  | { readonly form: "made before"; readonly folder: string };

/** Gives the bytes of a program for an architecture. */
export type ProgramMaker = (program: Program, arch: Architecture) => Promise<Uint8Array>;

/** A maker of programs in the form asked for, which makes each of them once; only compiling has something to say. */
export function programSource(form: ProgramForm, options: CompileOptions = { say: () => {} }): ProgramMaker {
  switch (form.form) {
    case "from source":
      return forAnyArchitecture(sourceWrappers);
    case "bundled":
      return forAnyArchitecture(bundledPrograms);
    case "made before":
      return (program, arch) => Deno.readFile(`${form.folder}/${programAsset(program, arch)}`);
    case "compiled":
      return remembered((program, arch) => compileProgram(program, arch, options));
  }
}

function forAnyArchitecture(make: () => Promise<Record<Program, Uint8Array>>): ProgramMaker {
  let made: ReturnType<typeof make> | undefined;
  return async (program) => (await (made ??= make()))[program];
}

function remembered(make: ProgramMaker): ProgramMaker {
  const made = new Map<string, Promise<Uint8Array>>();
  return (program, arch) => {
    const name = programAsset(program, arch);
    const bytes = made.get(name) ?? make(program, arch);
    made.set(name, bytes);
    return bytes;
  };
}
