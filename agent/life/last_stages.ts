import type { Clearing, Done, Leaving, Lifecycle, Stopping, Unregistering } from "./lifecycle_state.ts";

/** Nothing runs on it, as far as anybody can tell. */
export function stopping(life: Leaving): Stopping {
  return { ...kept(life), stage: "stopping", leaving: life };
}

/** The runner itself is gone; `deadline` in monotonic milliseconds. Its registration stays where nobody may remove it. */
export function runnerGone(
  life: Lifecycle,
  at: number,
  deadline: number | undefined,
): Unregistering | Clearing {
  if (life.settings.bitbucket === "never") return clearing(life, false);
  return { ...kept(life), stage: "unregistering", failures: 0, nextAttempt: at, deadline };
}

/** What it left on the machine is all that remains to be removed. */
export function clearing(life: Lifecycle, unregistered: boolean): Clearing {
  return { ...kept(life), stage: "clearing", unregistered };
}

/** The end of this phase's part: the runner stays as it is. */
export function leftAsItIs(life: Lifecycle): Done {
  return { ...kept(life), stage: "done", unregistered: false, gone: false };
}

function kept({ settings, served, reason, fault }: Lifecycle) {
  return { settings, served, reason, fault };
}
