/**
 * The path of the first thing in `value` that another thread would not get as it is: functions and symbols, and instances of
 * classes, which arrive without their methods. Undefined when all of it is plain data.
 */
export function pathToNonData(value: unknown, path: string): string | undefined {
  if (typeof value === 'function' || typeof value === 'symbol') return path;
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  // By name, since objects of another realm have prototypes of their own.
  const maker = prototype === null ? 'Object' : (prototype as object).constructor.name;
  if (!Array.isArray(value) && maker !== 'Object') return path;
  for (const [name, inner] of Object.entries(value)) {
    const found = pathToNonData(inner, `${path}.${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
