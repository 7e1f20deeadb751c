/** A partition that has said nothing for this long no longer holds the view's watermark back, as in the windows' own rule. */
const IDLE_AFTER_MS = 30_000;

/**
 * A view's watermark out of those its results carry: the least over the partitions heard of lately, since a view is
 * only as complete as its slowest part; the greatest of all when none was. Never goes back.
 */
export class ViewWatermark {
  readonly #partitions = new Map<number, { watermark: number; heardAtMs: number }>();
  #combined: number | null = null;

  get value(): number | null {
    return this.#combined;
  }

  /** Notes a result's watermark, null where there was none yet; returns whether the view's moved. */
  note(partition: number, watermark: number | null, nowMs: number): boolean {
    if (watermark === null) return false;
    const known = this.#partitions.get(partition);
    this.#partitions.set(partition, {
      watermark: Math.max(watermark, known?.watermark ?? watermark),
      heardAtMs: nowMs,
    });
    const active = [...this.#partitions.values()].filter(
      ({ heardAtMs }) => nowMs - heardAtMs < IDLE_AFTER_MS,
    );
    const least = Math.min(...active.map((partition) => partition.watermark));
    if (this.#combined !== null && least <= this.#combined) return false;
    this.#combined = least;
    return true;
  }
}
