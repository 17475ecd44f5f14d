import { type BasicType, ByteWriter, type ColumnSource, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import type { Cell, ColumnType, ExportColumn, ExportTable } from './export-rows.js';

/** Rows per row group, which are in memory at a time. */
const ROWS = 100_000;

const parquetTypes: Readonly<Record<ColumnType, BasicType>> = {
  text: 'STRING',
  integer: 'INT32',
  long: 'INT64',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
};

/** Writes a table as an Apache Parquet file, one row group at a time. */
export function* parquetBytes({ columns, rows }: ExportTable): Iterable<Uint8Array> {
  // Without a `flush` of its own, the writer finishes its work before each call returns.
  const writer = new ByteWriter();
  const schema = schemaFromColumnData({ columnData: columnData(columns, []) });
  const parquet = new ParquetWriter({ writer, schema, createdBy: 'aedsl' });
  let group: (readonly Cell[])[] = [];
  const encodeGroup = () => {
    if (group.length > 0) parquet.write({ columnData: columnData(columns, group), rowGroupSize: ROWS });
    group = [];
  };
  const taken = () => {
    const bytes = writer.getBytes().slice();
    writer.index = 0;
    return bytes;
  };
  for (const row of rows()) {
    group.push(row);
    if (group.length < ROWS) continue;
    encodeGroup();
    yield taken();
  }
  encodeGroup();
  parquet.finish();
  yield taken();
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
