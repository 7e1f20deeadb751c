/** From here on a part is written from where it lies; shorter ones cost less as one. */
const longPartBytes = 16 * 1024;

/** Parts of a request, neighbouring short ones put together. */
export function gatherParts(parts: readonly Buffer[]): Buffer[] {
  const gathered: Buffer[] = [];
  let short: Buffer[] = [];
  const put = () => {
    if (short.length > 0) gathered.push(Buffer.concat(short));
    short = [];
  };
  for (const part of parts) {
    if (part.length < longPartBytes) short.push(part);
    else {
      put();
      gathered.push(part);
    }
  }
  put();
  return gathered;
}
