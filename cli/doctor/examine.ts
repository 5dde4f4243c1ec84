import type { Examination } from "./examination.ts";
import { examineAws } from "./examine_aws.ts";
import { examineBitbucket } from "./examine_bitbucket.ts";
import { examinePipelines } from "./examine_pipelines.ts";
import { fail, type Finding, ok } from "./finding.ts";
import { credentialFindings } from "./findings/credential_findings.ts";
import { machineFindings } from "./machine/machine_findings.ts";
import { fetchChecksums, releaseFinding } from "./findings/release_finding.ts";
import { tokenFindings } from "./findings/token_findings.ts";

/** Makes every check, whatever the others come to; those that lack what another would have told are «unknown». Changes nothing. */
export async function examine(examination: Examination): Promise<Finding[]> {
  const { host, config, problems } = examination;
  const [checksums, aws] = await Promise.all([askRelease(examination), examineAws(examination)]);
  const { findings, project, machine, session } = aws;
  const bitbucket = await examineBitbucket(examination, project, session);
  const arch = archOf(machine.environmentType);
  return [
    ...configurationFindings(problems),
    ...tokenFindings(config, host.now()),
    ...findings,
    ...machineFindings(config, machine),
    ...credentialFindings(config, project),
    ...bitbucket,
    releaseFinding(config, checksums, arch),
    ...await examinePipelines(examination.pipelines, config, arch),
  ];
}

function configurationFindings(problems: readonly string[]): Finding[] {
  if (problems.length === 0) return [ok("configuration", "a start would take it")];
  return problems.map((problem) =>
    fail("configuration", problem, "start-runner start --help lists every option and variable")
  );
}

function archOf(environmentType: string | undefined): "x86_64" | "arm64" | undefined {
  if (environmentType === undefined) return undefined;
  return environmentType.startsWith("ARM_") ? "arm64" : "x86_64";
}

async function askRelease({ host, config, signal }: Examination) {
  const { releaseUrl: url, apiTimeoutS } = config;
  if (url === undefined) return undefined;
  return await fetchChecksums(host, { url, timeoutMs: apiTimeoutS * 1000 }, signal);
}
