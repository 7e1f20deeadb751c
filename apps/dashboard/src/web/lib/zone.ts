/** How times are written: as the browser's clock has them, or in UTC. */
export type Zone = 'local' | 'utc';

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: Zone, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone}/${name}`;
  const known = formats.get(key);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-GB', {
    ...options,
    ...(zone === 'utc' ? { timeZone: 'UTC' } : {}),
  });
  formats.set(key, made);
  return made;
}

/** `08:41:20` */
export function clockTime(timeMs: number, zone: Zone): string {
  return format(zone, 'time', { hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(timeMs);
}

/** `08:41` */
export function clockMinute(timeMs: number, zone: Zone): string {
  return format(zone, 'minute', { hour: '2-digit', minute: '2-digit' }).format(timeMs);
}

/** `22 Nov, 08:41:20` */
export function dateAndTime(timeMs: number, zone: Zone): string {
  return format(zone, 'date', {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).format(timeMs);
}

/** `22 Nov` */
export function dayOf(timeMs: number, zone: Zone): string {
  return format(zone, 'day', { day: 'numeric', month: 'short' }).format(timeMs);
}

/** Minutes that local time is ahead of UTC at `timeMs`, 0 for UTC. */
export function zoneOffsetMs(timeMs: number, zone: Zone): number {
  return zone === 'utc' ? 0 : -new Date(timeMs).getTimezoneOffset() * 60_000;
}
