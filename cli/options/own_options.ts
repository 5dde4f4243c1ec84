import { uuid, yesOrNo } from "../../shared/settings/parse_value.ts";
import type { Setting } from "../../shared/settings/settings.ts";
import { timeSpan } from "./option_values.ts";

/** An option that is on where it is given, whatever the environment says. */
export function switchOption(flag: string, help: string) {
  return { flag, variables: [], help, parse: yesOrNo, fallback: false } as const satisfies Setting<boolean>;
}

/** How far back a command looks, as in `12h`. */
export function sinceOption(fallback: string) {
  return {
    flag: "--since <span>",
    variables: [],
    help: "how far back to look, in minutes, hours, days or weeks, as in 90m, 12h, 1d, 2w",
    parse: timeSpan,
    fallback,
  } as const satisfies Setting<string>;
}

/** A setting of the step's that may be missing elsewhere. */
export function optionalUuid({ variables, help }: Pick<Setting<string>, "variables" | "help">) {
  return { variables, help, parse: uuid } as const satisfies Setting<string>;
}
