import { type BasicType, type ColumnSource, fileWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import type { Cell, ColumnType, ExportColumn, ExportTable } from './export-rows.js';

/** Rows of a row group: what is in memory at a time. */
const ROWS = 100_000;

const parquetTypes: Readonly<Record<ColumnType, BasicType>> = {
  text: 'STRING',
  integer: 'INT32',
  long: 'INT64',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
};

/** Writes a table as an Apache Parquet file, a row group at a time. */
export async function writeParquet(path: string, { columns, rows }: ExportTable): Promise<void> {
  const writer = fileWriter(path);
  const schema = schemaFromColumnData({ columnData: columnData(columns, []) });
  const parquet = new ParquetWriter({ writer, schema, createdBy: 'aedsl' });
  let group: (readonly Cell[])[] = [];
  const flush = async () => {
    if (group.length > 0) await parquet.write({ columnData: columnData(columns, group), rowGroupSize: ROWS });
    group = [];
  };
  for (const row of rows()) {
    group.push(row);
    if (group.length === ROWS) await flush();
  }
  await flush();
  await parquet.finish();
}

function columnData(columns: readonly ExportColumn[], rows: readonly (readonly Cell[])[]): ColumnSource[] {
  return columns.map(({ name, type }, i) => ({
    name,
    type: parquetTypes[type],
    nullable: true,
    data: rows.map((row) => parquetCell(row[i] ?? null, type)),
  }));
}

function parquetCell(cell: Cell, type: ColumnType): Cell | bigint {
  return type === 'long' && typeof cell === 'number' ? BigInt(cell) : cell;
}
