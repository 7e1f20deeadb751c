/** How often lists ask again. */
export const LOOK_EVERY_MS = 5_000;
