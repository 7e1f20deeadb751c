/** What the broker answers to one message of a log-in. */
export type Step =
  | { readonly kind: 'more'; readonly answer: Buffer }
  | {
      readonly kind: 'done';
      readonly answer: Buffer;
      readonly user: string;
      /** When what was shown ends; absent: never. */
      readonly expiresMs?: number;
    }
  | { readonly kind: 'refused'; readonly message: string };

/** Takes what the client says and answers; several times, until it is done or refused. */
export type SaslExchange = (said: Buffer) => Step;

/** The same words whether the user or the password is wrong, so that users cannot be guessed. */
export const REFUSED: Step = {
  kind: 'refused',
  message: 'Authentication failed: Invalid username or password',
};
