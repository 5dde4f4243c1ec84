import type { CommandTable } from "./command.ts";

/** The commands of start-runner. */
export const COMMANDS: CommandTable = {
  start: {
    summary: "start a build, wait for its runner; what happens without a command",
    load: async () => (await import("./start_command.ts")).startCommand,
  },
  buildspec: {
    summary: "print the buildspec that the build gets",
    load: async () => (await import("./buildspec_command.ts")).buildspecCommand,
  },
  init: {
    summary: "set up everything in AWS, or print what would",
    load: async () => (await import("./init_command.ts")).initCommand,
  },
  doctor: {
    summary: "check every condition of a working set-up, and say what to change",
    load: async () => (await import("./doctor_command.ts")).doctorCommand,
  },
  help: {
    summary: "show this help, or that of a command",
    load: async () => (await import("./help_command.ts")).helpCommand,
  },
};
