/** `nx run schemas:generate`: this library's own types from `avro/`. */
import { join } from 'node:path';
import { generate } from './generate.ts';

const root = join(import.meta.dirname, '../..');
const written = generate({
  from: join(root, 'avro'),
  to: join(root, 'src/generated'),
  typedSchemaImport: '../typed-schema.ts',
});
console.log(written.length === 0 ? 'generated types are up to date' : `wrote ${written.join(', ')}`);
