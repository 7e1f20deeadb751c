/** A piece of TypeScript in a document. */
export interface Block {
  /** Where it is, for people: `libs/views/README.md:9`. */
  readonly place: string;
  readonly code: string;
  /**
   * What the author wants of it: `run` (types and output are checked), `types` (it cannot run here), `jest` (a test
   * file), `sketch` (not meant to be whole).
   */
  readonly mode: 'run' | 'types' | 'jest' | 'sketch';
  /** What it must print, if the document shows it. */
  readonly output?: string;
  /** The package whose exports an `@example` may use without importing them. */
  readonly packageFolder?: string;
}
