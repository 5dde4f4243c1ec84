import { FAULT_KINDS } from "../../local_cloud/server/faults.ts";
import type { PublishingFault } from "./rehearse.ts";
import { PUBLISHING_CALLS } from "./stage.ts";

/** A fault as somebody writes it: `UploadAsset=502`, `PutBlob=reset after:3`, or `GetManifest=hang:lasting`. */
export function parseFault(text: string): PublishingFault {
  const [, name, kindText, count] = /^(\w+)=([^:]+?)(?::(\d+|lasting))?$/.exec(text) ?? [];
  const call = PUBLISHING_CALLS.find((one) => one === name);
  const kind = FAULT_KINDS.find((one) => one === kindText?.replaceAll("-", " "));
  if (call === undefined || kind === undefined) {
    throw new Error(
      `Cannot use --fault «${text}»: it takes CALL=KIND or CALL=KIND:TIMES, with a call of ${
        PUBLISHING_CALLS.join(", ")
      } and a kind of ${FAULT_KINDS.join(", ")}; «lasting» for TIMES never ends`,
    );
  }
  return { call, kind, times: count === "lasting" ? Infinity : Number(count ?? 1) };
}
