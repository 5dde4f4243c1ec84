/** The kind of machine figures come from; nothing that names the machine itself. */
export interface MachineClass {
  readonly cpu: string;
  readonly cores: number;
  /** Rounded up to whole gigabytes. */
  readonly memoryGb: number;
  readonly deno: string;
}

/** Reads it from Linux; a CPU that does not say what it is goes by its architecture. */
export async function machineClass(): Promise<MachineClass> {
  const cpuInfo = await Deno.readTextFile("/proc/cpuinfo").catch(() => "");
  return {
    cpu: cpuModel(cpuInfo) ?? Deno.build.arch,
    cores: navigator.hardwareConcurrency,
    memoryGb: Math.ceil(Deno.systemMemoryInfo().total / 2 ** 30),
    deno: Deno.version.deno,
  };
}

/** The model as /proc/cpuinfo has it; undefined on machines, such as many on arm64, that leave it out. */
export function cpuModel(cpuInfo: string): string | undefined {
  return /^model name\s*:\s*(.+)$/m.exec(cpuInfo)?.[1]?.replace(/\s+/g, " ").trim();
}

/** The class in one phrase. */
export function machineText({ cpu, cores, memoryGb, deno }: MachineClass): string {
  return `${cpu}, ${cores} cores, ${memoryGb} GB, Deno ${deno}`;
}
