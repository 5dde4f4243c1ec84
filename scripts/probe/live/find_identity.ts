import { ApiError } from "../../../shared/program/errors.ts";
import type { DoorForm, Findings, Trial } from "../judge/findings.ts";
import { bodyOf, isClosed, remark, type SeenRunner, succeeded } from "../judge/read_answer.ts";
import { RUNNER_RIGHTS, type RunnerRight } from "../../local_cloud/pipelines/platform_answers.ts";
import { USUAL_LABELS } from "./find_creation.ts";
import { lookUp, type Probe } from "./probe.ts";
import type { OwnRunner } from "./probe_runners.ts";

/** What a runner's own identity may do with the API, besides serving steps: tried on a runner of its own. */
export async function findIdentity(probe: Probe): Promise<Partial<Findings>> {
  const own = { name: `${probe.prefix}identity`, labels: [...USUAL_LABELS, probe.label] };
  const { uuid, oauth_client: client } = bodyOf<SeenRunner>(await probe.runners.create(own, probe.signal));
  if (uuid === undefined || client === undefined) return {};
  const { token, trial } = await getToken(probe, client);
  if (token === undefined) return { runnerToken: trial };
  const runnerMay: RunnerRight[] = [];
  // In their order, since nothing is left to be done with a runner that is deleted.
  for (const right of RUNNER_RIGHTS) {
    if (await TRIALS[right](probe, { ...own, uuid }, token)) runnerMay.push(right);
  }
  return { runnerToken: trial, runnerMay };
}

/** By the client-credentials grant, in JSON as Atlassian documents it; over a safe connection or to this machine only. */
async function getToken(
  { client, signal }: Probe,
  { id, secret, token_endpoint: url = "", audience }: NonNullable<SeenRunner["oauth_client"]>,
): Promise<{ readonly token: string | undefined; readonly trial: Trial }> {
  if (secret !== undefined) client.hide(secret);
  if (!/^(https:|http:\/\/127\.0\.0\.1[:/])/.test(url)) {
    return { token: undefined, trial: { outcome: "refused", note: "no address for it" } };
  }
  const json = { grant_type: "client_credentials", client_id: id, client_secret: secret, audience };
  const request = { name: "get a runner's token", method: "POST", url, json } as const;
  const answer = await client.sendAs(undefined, request, signal);
  const { access_token: token } = bodyOf<{ access_token: string }>(answer);
  if (token === undefined) return { token, trial: { outcome: "refused", note: remark(answer) } };
  client.hide(token);
  return { token, trial: { outcome: "taken", note: "" } };
}

type RightTrial = (probe: Probe, runner: OwnRunner, token: string) => Promise<boolean>;

/** What is changed is looked at with the probe's own credentials: an answer alone proves nothing. */
const TRIALS: Readonly<Record<RunnerRight, RightTrial>> = {
  read: async ({ client, urls, signal }, { uuid }, token) => {
    const answer = await client.sendAs(
      token,
      { name: "get runner", method: "GET", url: urls.runners(uuid) },
      signal,
    );
    return succeeded(answer) && told("get runner", bodyOf<SeenRunner>(answer).uuid) === uuid;
  },
  list: async ({ client, urls, signal }, _, token) => {
    const answer = await client.sendAs(
      token,
      { name: "list runners", method: "GET", url: urls.runners() },
      signal,
    );
    return succeeded(answer) && told("list runners", bodyOf<{ values: unknown[] }>(answer).values).length > 0;
  },
  close: async (probe, runner, token) =>
    await closes(probe, runner, token, "public") || await closes(probe, runner, token, "state"),
  delete: async ({ client, urls, signal }, { uuid }, token) => {
    const url = urls.runners(uuid);
    await client.sendAs(token, { name: "delete runner", method: "DELETE", url }, signal);
    const { status } = await client.send({ name: "get runner", method: "GET", url }, signal);
    return status === 404;
  },
};

async function closes(
  probe: Probe,
  { uuid, name, labels }: OwnRunner,
  token: string,
  form: DoorForm,
): Promise<boolean> {
  const { client, urls, signal } = probe;
  const state = { status: "DISABLED" };
  const request = form === "public"
    ? { url: urls.runners(uuid), json: { name, labels, state } }
    : { url: urls.runnerState(uuid), json: state };
  const answer = await client.sendAs(token, { name: "change runner", method: "PUT", ...request }, signal);
  return succeeded(answer) && isClosed(await lookUp(probe, uuid));
}

/** What a good answer has to have; without it nothing is found out. */
function told<T>(call: string, value: T | undefined): T {
  if (value !== undefined) return value;
  throw new ApiError(`Cannot ${call}: the answer does not tell`, { call });
}
