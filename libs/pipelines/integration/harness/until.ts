/** Waits until something holds. @throws Error after `limitMs` */
export async function until(holds: () => boolean, limitMs = 60_000): Promise<void> {
  const giveUpMs = performance.now() + limitMs;
  while (!holds()) {
    if (performance.now() > giveUpMs) throw new Error(`did not hold within ${limitMs} ms: ${String(holds)}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
