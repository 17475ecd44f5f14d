import { localDataSets } from '../../api/data-sets.js';
import { backendNames } from '../../runtime/backend/backend.js';
import { chooseBackend } from '../../runtime/backend/choose.js';
import type { Console } from '../console.js';
import { type ExitCode, exitCodes } from '../failure.js';
import { jsonLine } from '../json.js';
import { table } from '../table.js';
import { packageVersion } from '../version.js';

interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** What this machine has for aedsl. Exit 4 where nothing can train. */
export async function doctor(console: Console, options: { readonly json?: boolean }): Promise<ExitCode> {
  const findings: Finding[] = [
    { what: 'aedsl', ok: true, detail: packageVersion() },
    { what: 'node', ok: true, detail: `${process.version} on ${process.platform} ${process.arch}` },
    await store(),
    ...(await backends()),
    ...(await localDataSets()).map(({ name, state, problem }) => ({
      what: `data ${name}`,
      ok: state === 'here',
      detail:
        state === 'not here'
          ? `not here; it is downloaded when it is asked for, or by: aedsl data fetch ${name}`
          : (problem ?? state),
    })),
  ];
  if (options.json) console.out(jsonLine(findings));
  else {
    console.out(
      table(
        ['', 'what', 'detail'],
        findings.map(({ what, ok, detail }) => [ok ? 'ok' : '-', what, detail]),
      ),
    );
  }
  const canTrain = findings.some(({ what, ok }) => ok && what.startsWith('backend'));
  return canTrain ? exitCodes.ok : exitCodes.environment;
}

async function backends(): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const name of backendNames) {
    try {
      const { version } = await chooseBackend(name);
      findings.push({ what: `backend ${name}`, ok: true, detail: version });
    } catch (error) {
      findings.push({
        what: `backend ${name}`,
        ok: false,
        detail: error instanceof Error ? error.message : String(error),
      });
    }
  }
  return findings;
}

async function store(): Promise<Finding> {
  try {
    await import('../../runtime/store/store.js');
    return { what: 'results.db', ok: true, detail: 'SQLite loads' };
  } catch (error) {
    return { what: 'results.db', ok: false, detail: error instanceof Error ? error.message : String(error) };
  }
}
