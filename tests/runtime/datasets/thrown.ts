import { DatasetError, type DatasetErrorReason } from '../../../src/runtime/datasets/dataset-error.js';

/** The reason of the DatasetError that an action ends with; fails for any other end. */
export async function reasonOf(action: () => unknown): Promise<DatasetErrorReason> {
  return (await errorOf(action)).reason;
}

export async function errorOf(action: () => unknown): Promise<DatasetError> {
  try {
    await action();
  } catch (error) {
    if (error instanceof DatasetError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
