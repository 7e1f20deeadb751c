/** How often what is on screen changes at most: as often as a person can follow. */
const BEAT_MS = 1_000;
/** Waits for what comes at the same time, such as the histories of several views. */
const GATHER_MS = 60;

/**
 * Runs tasks together, at most once per beat, the first ones soon: many stores that change many times a second cost a
 * page one rendering a second.
 */
export function renderBeat(beatMs = BEAT_MS, gatherMs = GATHER_MS): (task: () => void) => void {
  const tasks = new Set<() => void>();
  let lastMs = -Infinity;
  return (task) => {
    tasks.add(task);
    if (tasks.size > 1) return;
    setTimeout(
      () => {
        lastMs = performance.now();
        const now = [...tasks];
        tasks.clear();
        for (const run of now) run();
      },
      Math.max(gatherMs, lastMs + beatMs - performance.now()),
    );
  };
}
