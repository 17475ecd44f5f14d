import type { ClassSelection, FileFormat, FileRequest, UsedExamples } from '../../compiler/library/data-file.js';
import { type ArrayFormat, describeArrayFile } from '../../runtime/datasets/array-dataset.js';
import { describedFile } from '../../runtime/datasets/describe.js';
import type { Layout } from '../../runtime/datasets/open-array.js';
import { type Named, rangeOf } from './files.js';

/** Request to describe an array; unspecified options are absent. */
export interface ArrayRequest extends FileRequest {
  readonly role: 'examples' | 'labels';
  readonly range?: readonly [number, number];
  readonly layout?: Layout;
  /** Which array of an archive. */
  readonly array?: string;
}

/** Files of one array each, or archives of them. */
export function arrayFormat(format: ArrayFormat, names: RegExp): FileFormat<ArrayRequest> {
  return {
    areFolders: false,
    names,
    describe: (request, used, onBytes) =>
      describedFile(used, (parts) =>
        describeArrayFile(format, request.path, request.array ?? null, { ...request, used: parts }, onBytes),
      ),
  };
}

/** Options for an array file, besides its path. */
interface ArrayDetails {
  readonly range: readonly [number, number] | null;
  /** Absent if the whole file is used, or which examples depends on their labels. */
  readonly used?: UsedExamples | undefined;
  readonly layout?: Layout | null;
  /** Which array of an archive. */
  readonly array?: string | null;
}

/** A file of examples. */
export function plainExamples(
  format: string,
  argument: string,
  path: string,
  { range, used, layout = null, array = null }: ArrayDetails,
): Named<ArrayRequest> {
  const said = { ...rangeOf(range), ...(layout !== null && { layout }), ...(array !== null && { array }) };
  return { argument, request: { format, path, role: 'examples', ...said }, ...(used && { used }) };
}

/** Options for a file of labels, besides its path. */
interface LabelDetails {
  readonly select?: ClassSelection;
  /** How the examples are divided. */
  readonly used: UsedExamples;
  /** Which array of an archive. */
  readonly array?: string | null;
}

/** A file of labels. */
export function plainLabels(
  format: string,
  argument: string,
  path: string | null,
  { select, used, array = null }: LabelDetails,
): Named<ArrayRequest> | null {
  if (path === null) return null;
  const said = { ...(array !== null && { array }), ...(select && { select }) };
  return { argument, request: { format, path, role: 'labels', ...said }, used };
}
