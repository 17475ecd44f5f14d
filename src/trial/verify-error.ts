/** Something that cannot be verified: it was stored without what is needed, or an engine cannot be had. */
export class VerifyError extends Error {
  override readonly name = 'VerifyError';

  constructor(
    message: string,
    /** What to do about it. */
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
