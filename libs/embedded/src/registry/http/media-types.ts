/** Most specific first; the first is what is sent when the client takes anything. */
export const MEDIA_TYPES = [
  'application/vnd.schemaregistry.v1+json',
  'application/vnd.schemaregistry+json',
  'application/json',
] as const;

/** Clients that name no type for a body send this one. */
export const GENERIC_TYPE = 'application/octet-stream';

/** The type to answer in, or undefined if the client takes none of ours. Quality values decide, then our order. */
export function negotiate(accept: string | undefined): string | undefined {
  if (accept === undefined || accept.trim() === '') return MEDIA_TYPES[0];
  const ranges = accept.slice(0, 1_000).split(',').map(readRange);
  let best: { type: string; quality: number } | undefined;
  for (const type of MEDIA_TYPES) {
    const quality = Math.max(0, ...ranges.filter(({ range }) => matches(range, type)).map(({ q }) => q));
    if (quality > (best?.quality ?? 0)) best = { type, quality };
  }
  return best?.type;
}

function readRange(text: string): { range: string; q: number } {
  const [range = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const quality = parameters.find((parameter) => parameter.startsWith('q='));
  const q = quality === undefined ? 1 : Number(quality.slice(2));
  return { range, q: Number.isFinite(q) ? q : 0 };
}

function matches(range: string, type: string): boolean {
  return range === '*/*' || range === 'application/*' || range === type;
}
