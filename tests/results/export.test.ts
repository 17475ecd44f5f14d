import { join } from 'node:path';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { writeFile } from '../../src/files/write-file.js';
import { parquetBytes } from '../../src/results/export-parquet.js';
import { type ExportedRows, type ExportTable, exportTable } from '../../src/results/export-rows.js';
import { csvText, jsonText } from '../../src/results/export-text.js';
import { resolveSubject } from '../../src/results/table-subject.js';
import { builtinWords } from '../../src/words/words.js';
import { inFolder } from '../runtime/store/sample-run.js';
import { type SampleTrial, sweepDatabase } from '../sweep/sweep-database.js';

const trials: readonly SampleTrial[] = [
  { parameters: { rho: 0.5, name: 'a, "b"\n<i>' }, seed: 1, losses: [2, Number.NaN] },
  { parameters: { rho: 0.25, name: 'plain' }, seed: 2 ** 40, losses: [1, 0.1 + 0.2] },
];

async function exported<T>(
  rows: ExportedRows,
  use: (table: ExportTable, folder: string) => T | Promise<T>,
): Promise<T> {
  return inFolder(async (folder) => {
    const store = await sweepDatabase(folder, [{ trials }]);
    try {
      return await use(exportTable(store, resolveSubject(store, 's1'), rows, builtinWords), folder);
    } finally {
      store.close();
    }
  });
}

const text = (chunks: Iterable<string>) => [...chunks].join('');

describe('a sweep for other programs', () => {
  it('is CSV with quotes as RFC 4180 has them, and numbers that read back to the bit', () =>
    exported('trials', (table) => {
      const csv = text(csvText(table));
      expect(csv.split('\n')[0]).toBe(
        'run,state,seconds,trialId,weightsSha256,sweep,trial,seed,rho,name,hidden,test.sse,train.loss,validation.loss',
      );
      expect(csv).toContain(',s1,0,1,0.5,"a, ""b""\n<i>",100,nan,nan,nan\n');
      expect(csv).toContain(`,s1,1,${2 ** 40},0.25,plain,100,${(0.1 + 0.2) * 100},${0.1 + 0.2 + 1},${0.1 + 0.2}\n`);
    }));

  it('has a row for each metric of each epoch, with what the trial was', () =>
    exported('epochs', (table) => {
      const lines = text(jsonText(table)).trimEnd().split('\n');
      expect(lines).toHaveLength(2 * 2 * 2);
      expect(JSON.parse(lines[1] ?? '')).toEqual({
        run: 'r1',
        stage: 'train',
        epoch: 1,
        metric: 'validation.loss',
        value: 2,
        sweep: 's1',
        trial: 0,
        seed: 1,
        rho: 0.5,
        name: 'a, "b"\n<i>',
        hidden: 100,
      });
      expect(JSON.parse(lines[3] ?? '')).toMatchObject({ epoch: 2, value: 'NaN' });
    }));

  it('has a row for each step', () =>
    exported('steps', (table) => {
      const rows = [...table.rows()];
      expect(rows).toHaveLength(2 * 20);
      expect(rows[0]?.slice(0, 5)).toEqual(['r1', 'train', 0, 'loss', 2]);
      expect(rows[39]?.slice(0, 4)).toEqual(['r2', 'train', 19, 'loss']);
    }));

  it('is Parquet that another reader takes, with types', () =>
    exported('trials', async (table, folder) => {
      const path = join(folder, 'sweep.parquet');
      writeFile(path, parquetBytes(table));
      const file = await asyncBufferFromFile(path);
      const metadata = await parquetMetadataAsync(file);
      const types = Object.fromEntries(metadata.schema.slice(1).map(({ name, type }) => [name, type]));
      expect(types).toMatchObject({
        run: 'BYTE_ARRAY',
        trial: 'INT32',
        seed: 'INT64',
        rho: 'DOUBLE',
        'test.sse': 'DOUBLE',
      });
      const rows = await parquetReadObjects({ file });
      expect(rows).toHaveLength(2);
      expect(rows[0]).toMatchObject({ run: 'r1', rho: 0.5, name: 'a, "b"\n<i>', 'validation.loss': Number.NaN });
      expect(rows[1]).toMatchObject({ seed: BigInt(2 ** 40), 'validation.loss': 0.1 + 0.2 });
    }));

  it('is written a group of rows at a time', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'many.parquet');
      let read = 0;
      const chunks = parquetBytes({
        columns: [
          { name: 'n', type: 'integer' },
          { name: 'half', type: 'double' },
          { name: 'odd', type: 'boolean' },
        ],
        *rows() {
          for (; read < 250_000; read++) yield [read, read % 3 === 0 ? null : read / 2, read % 2 === 1];
        },
      });
      writeFile(path, chunks);
      const file = await asyncBufferFromFile(path);
      expect((await parquetMetadataAsync(file)).row_groups).toHaveLength(3);
      const rows = await parquetReadObjects({ file, rowStart: 199_999, rowEnd: 200_002 });
      expect(rows).toEqual([
        { n: 199_999, half: 99_999.5, odd: true },
        { n: 200_000, half: 100_000, odd: false },
        { n: 200_001, half: null, odd: true },
      ]);
    }));

  it('is a table without rows where nothing has trained', () =>
    inFolder(async (folder) => {
      const store = await sweepDatabase(folder, [
        { trials: [1, 2].map((rho) => ({ parameters: { rho }, seed: 1, losses: [], state: 'queued' as const })) },
      ]);
      try {
        const table = exportTable(store, resolveSubject(store, 's1'), 'epochs', builtinWords);
        expect(text(csvText(table))).toBe('run,stage,epoch,metric,value,sweep,trial,seed,rho\n');
        writeFile(join(folder, 'empty.parquet'), parquetBytes(table));
        const file = await asyncBufferFromFile(join(folder, 'empty.parquet'));
        expect(await parquetReadObjects({ file })).toEqual([]);
      } finally {
        store.close();
      }
    }));
});
