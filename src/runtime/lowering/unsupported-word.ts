/** A word that has a definition, but nothing to compute. */
export class UnsupportedWord extends Error {
  constructor(family: string, word: string) {
    super(`no lowering for the ${family} '${word}'`);
    this.name = 'UnsupportedWord';
  }
}
