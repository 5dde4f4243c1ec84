import type { CommandTable } from "./command.ts";

/** The commands of start-runner, as the help lists them: to set up, to see, to end, and the rest. */
export const COMMANDS: CommandTable = {
  start: {
    summary: "start a build, wait for its runner; what happens without a command",
    load: async () => (await import("./start_command.ts")).startCommand,
  },
  init: {
    summary: "set up everything in AWS, or print what would do it",
    load: async () => (await import("./init_command.ts")).initCommand,
  },
  doctor: {
    summary: "check every condition of a working set-up, and say what to change",
    load: async () => (await import("./doctor_command.ts")).doctorCommand,
  },
  list: {
    summary: "list the builds that run, and those of the last day",
    load: async () => (await import("./list_command.ts")).listCommand,
  },
  logs: {
    summary: "show the log of a build, and follow it",
    load: async () => (await import("./logs_command.ts")).logsCommand,
  },
  cost: {
    summary: "sum up what builds have cost",
    load: async () => (await import("./cost_command.ts")).costCommand,
  },
  stop: {
    summary: "stop a build and remove its runner",
    load: async () => (await import("./stop_command.ts")).stopCommand,
  },
  cleanup: {
    summary: "remove the runners that ended builds have left",
    load: async () => (await import("./cleanup_command.ts")).cleanupCommand,
  },
  buildspec: {
    summary: "print the buildspec that the build gets",
    load: async () => (await import("./buildspec_command.ts")).buildspecCommand,
  },
  completions: {
    summary: "print completions for bash, zsh or fish",
    load: async () => (await import("./completions_command.ts")).completionsCommand,
  },
  help: {
    summary: "show this help, or that of a command",
    load: async () => (await import("./help_command.ts")).helpCommand,
  },
};
