/** Starting threads of all pipelines alone takes a minute on a machine that does much else. */
const limitMs = 180_000;

/** Waits until something holds. @throws Error after three minutes */
export async function until(holds: () => boolean): Promise<void> {
  const giveUpMs = performance.now() + limitMs;
  while (!holds()) {
    if (performance.now() > giveUpMs) throw new Error(`did not hold within ${limitMs} ms: ${String(holds)}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
