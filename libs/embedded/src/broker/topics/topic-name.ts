const MAX_LENGTH = 249;

/** What is wrong with a topic name, in words; undefined if it may be used. */
export function topicNameFault(name: string): string | undefined {
  if (name === '') return 'Topic name is invalid: it is empty';
  if (name === '.' || name === '..') return `Topic name is invalid: it is "${name}"`;
  if (name.length > MAX_LENGTH) return `Topic name is invalid: it is longer than ${MAX_LENGTH} characters`;
  if (/^[a-zA-Z0-9._-]+$/.test(name)) return undefined;
  return `Topic name "${name}" is invalid: it may contain ASCII letters and digits, '.', '_' and '-' only`;
}
