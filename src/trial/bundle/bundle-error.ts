import { onOneLine } from '../../files/quoted.js';

/** The file is not a bundle as `aedsl bundle` wrote it. */
export class BundleError extends Error {
  override readonly name = 'BundleError';
  readonly hint: string;

  constructor(message: string, options: ErrorOptions & { readonly hint?: string } = {}) {
    super(onOneLine(message), options);
    this.hint = options.hint ?? 'get it again from where it was made';
  }
}
