/** Holds replays still, and lets them go on where they stood. */
export interface Pause {
  readonly isPaused: boolean;
  set(paused: boolean): void;
  /** Resolves when there is no pause, or `signal` ends the wait. */
  over(signal: AbortSignal): Promise<void>;
}

export function createPause(): Pause {
  let isPaused = false;
  const waiting = new Set<() => void>();
  return {
    get isPaused() {
      return isPaused;
    },
    set(paused) {
      isPaused = paused;
      if (paused) return;
      for (const go of waiting) go();
    },
    async over(signal) {
      if (!isPaused || signal.aborted) return;
      await new Promise<void>((resolve) => {
        const go = () => {
          waiting.delete(go);
          signal.removeEventListener('abort', go);
          resolve();
        };
        waiting.add(go);
        signal.addEventListener('abort', go);
      });
    },
  };
}

/** The pause of all replays of this process. */
export const replayPause: Pause = createPause();
