import { alignedStart } from '../time.ts';
import { CalendarSlicer } from './calendar-slicer.ts';
import type { Slicer } from './slicer.ts';
import type { AlignedWindow } from './window.ts';

export function createSlicer(window: AlignedWindow): Slicer {
  switch (window.type) {
    case 'tumbling':
      return new HoppingSlicer(window.sizeMs, window.sizeMs, window.offsetMs ?? 0);
    case 'hopping':
      return new HoppingSlicer(window.sizeMs, window.advanceMs, window.offsetMs ?? 0);
    case 'cumulative':
      return new CumulativeSlicer(window.maxSizeMs, window.stepMs, window.offsetMs ?? 0);
    case 'calendar':
      return new CalendarSlicer(window);
    case 'global':
      return new GlobalSlicer();
  }
}

/** Panes end where a window starts or ends: one per advance, two when the size is no multiple of it. */
class HoppingSlicer implements Slicer {
  start = 0;
  end = 0;
  readonly #sizeMs: number;
  readonly #advanceMs: number;
  readonly #offsetMs: number;
  readonly #cutMs: number;

  constructor(sizeMs: number, advanceMs: number, offsetMs: number) {
    this.#sizeMs = sizeMs;
    this.#advanceMs = advanceMs;
    this.#offsetMs = offsetMs % advanceMs;
    this.#cutMs = sizeMs % advanceMs;
  }

  locate(timeMs: number): void {
    const start = alignedStart(timeMs, this.#advanceMs, this.#offsetMs);
    const cut = start + this.#cutMs;
    this.start = timeMs < cut ? start : cut;
    this.end = timeMs < cut ? cut : start + this.#advanceMs;
  }

  windowsOf(paneStart: number, visit: (start: number, end: number) => void): void {
    const last = alignedStart(paneStart, this.#advanceMs, this.#offsetMs);
    const reach = Math.ceil((paneStart + 1 - this.#sizeMs - last) / this.#advanceMs);
    for (let start = last + reach * this.#advanceMs; start <= last; start += this.#advanceMs) {
      visit(start, start + this.#sizeMs);
    }
  }
}

class CumulativeSlicer implements Slicer {
  start = 0;
  end = 0;
  readonly #maxSizeMs: number;
  readonly #stepMs: number;
  readonly #offsetMs: number;

  constructor(maxSizeMs: number, stepMs: number, offsetMs: number) {
    this.#maxSizeMs = maxSizeMs;
    this.#stepMs = stepMs;
    this.#offsetMs = offsetMs % maxSizeMs;
  }

  locate(timeMs: number): void {
    this.start = alignedStart(timeMs, this.#stepMs, this.#offsetMs);
    this.end = this.start + this.#stepMs;
  }

  windowsOf(paneStart: number, visit: (start: number, end: number) => void): void {
    const start = alignedStart(paneStart, this.#maxSizeMs, this.#offsetMs);
    for (let end = paneStart + this.#stepMs; end <= start + this.#maxSizeMs; end += this.#stepMs) {
      visit(start, end);
    }
  }
}

class GlobalSlicer implements Slicer {
  start = -Infinity;
  end = Infinity;

  locate(): void {
    // All time is one pane.
  }

  windowsOf(_paneStart: number, visit: (start: number, end: number) => void): void {
    visit(-Infinity, Infinity);
  }
}
