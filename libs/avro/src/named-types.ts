import { isNamed, type NamedSchema, type Schema } from './schema.ts';

/** Every named type that a schema defines or mentions, each once, in order of first mention; not recursive. */
export function namedTypes(schema: Schema): NamedSchema[] {
  const found = new Set<NamedSchema>();
  const waiting: Schema[] = [schema];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (isNamed(next)) {
      if (found.has(next)) continue;
      found.add(next);
    }
    waiting.push(...children(next).reverse());
  }
  return [...found];
}

function children(schema: Schema): Schema[] {
  switch (schema.type) {
    case 'record':
      return schema.fields.map((field) => field.type);
    case 'union':
      return [...schema.branches];
    case 'array':
      return [schema.items];
    case 'map':
      return [schema.values];
    default:
      return [];
  }
}
