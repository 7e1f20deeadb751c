import type { Slicer } from './slicer.ts';
import type { CalendarWindow } from './window.ts';

const DAY_MS = 86_400_000;

/** Days, weeks and months of a time zone; a local midnight that clocks skip is taken as the first moment after it. */
export class CalendarSlicer implements Slicer {
  start = 0;
  end = 0;
  readonly #unit: CalendarWindow['unit'];
  readonly #weekStartsOn: number;
  readonly #format: Intl.DateTimeFormat;
  readonly #ends = new Map<number, number>();

  constructor(window: CalendarWindow) {
    this.#unit = window.unit;
    this.#weekStartsOn = window.weekStartsOn ?? 1;
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: window.timeZone,
      calendar: 'iso8601',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  locate(timeMs: number): void {
    if (timeMs >= this.start && timeMs < this.end) return;
    const day = Math.floor(this.#local(timeMs) / DAY_MS);
    const first = this.#firstDay(day);
    this.start = this.#midnight(first);
    this.end = this.#midnight(this.#nextFirstDay(first));
    // Where clocks go back over midnight, local days can touch twice: the instant decides.
    if (timeMs >= this.end) {
      this.start = this.end;
      this.end = this.#midnight(this.#nextFirstDay(this.#nextFirstDay(first)));
    }
    this.#ends.set(this.start, this.end);
    if (this.#ends.size > 1000) this.#ends.delete(this.#ends.keys().next().value!);
  }

  windowsOf(paneStart: number, visit: (start: number, end: number) => void): void {
    const known = this.#ends.get(paneStart);
    if (known !== undefined) return visit(paneStart, known);
    const [start, end] = [this.start, this.end];
    this.locate(paneStart);
    const found = this.end;
    this.start = start;
    this.end = end;
    visit(paneStart, found);
  }

  /** The first local day (days since 1970-01-01) of the unit that holds a local day. */
  #firstDay(day: number): number {
    if (this.#unit === 'day') return day;
    if (this.#unit === 'week') {
      // 1970-01-01 was a Thursday, day 4 of the week.
      const weekday = (((day + 3) % 7) + 7) % 7;
      return day - ((weekday - (this.#weekStartsOn - 1) + 7) % 7);
    }
    const date = new Date(day * DAY_MS);
    return day - (date.getUTCDate() - 1);
  }

  #nextFirstDay(first: number): number {
    if (this.#unit === 'day') return first + 1;
    if (this.#unit === 'week') return first + 7;
    return this.#firstDay(first + 31);
  }

  /** The first instant at or after which local clocks show this day. */
  #midnight(day: number): number {
    const local = day * DAY_MS;
    // Zones lie within 26 h of UTC: search the instant at which the local day begins.
    let low = local - 26 * 3_600_000;
    let high = local + 26 * 3_600_000;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.#local(middle) >= local) high = middle;
      else low = middle;
    }
    return high;
  }

  /** What local clocks show, as if it were UTC. */
  #local(timeMs: number): number {
    const shown: Record<string, string> = {};
    for (const { type, value } of this.#format.formatToParts(timeMs)) shown[type] = value;
    const year = shown['era']?.startsWith('B') ? 1 - Number(shown['year']) : Number(shown['year']);
    const date = new Date(0);
    date.setUTCFullYear(year, Number(shown['month']) - 1, Number(shown['day']));
    date.setUTCHours(Number(shown['hour']), Number(shown['minute']), Number(shown['second']));
    return date.getTime() + (((timeMs % 1000) + 1000) % 1000);
  }
}
