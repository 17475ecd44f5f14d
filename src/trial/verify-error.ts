/** A run cannot be verified: its record lacks what is needed, or an engine is unavailable. */
export class VerifyError extends Error {
  override readonly name = 'VerifyError';

  constructor(
    message: string,
    readonly hint: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Verification was ended by its signal. */
export class VerifyInterrupted extends Error {
  override readonly name = 'VerifyInterrupted';
}
