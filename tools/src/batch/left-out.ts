import { sourceColumns, type PipelineDefinition } from '@millrace/streams';

/** Fields about people that are no text: the lake has no pseudonym for them and leaves them out. */
function leftOut(definition: PipelineDefinition): Set<string> {
  return new Set(
    Object.values(definition.sources).flatMap((source) => {
      const isText = new Set(
        sourceColumns(source)
          .filter(({ type }) => type === 'string')
          .map(({ name }) => name),
      );
      return source.schema.fields
        .filter(({ name, pii }) => pii === true && !isText.has(name))
        .map(({ name }) => name);
    }),
  );
}

/** The fields that a view needs, by itself or by what it reads, and that the lake does not have. */
export function missingFields(definition: PipelineDefinition, view: string): string[] {
  const missing = leftOut(definition);
  const found = new Set<string>();
  const seen = new Set<string>();
  const stages: Record<string, unknown> = {
    ...definition.views,
    ...(definition as { joins?: Readonly<Record<string, unknown>> }).joins,
  };
  const walk = (value: unknown): void => {
    if (typeof value === 'string') {
      const last = value.slice(value.lastIndexOf('.') + 1);
      if (missing.has(last)) found.add(last);
      if (value in stages) visit(value);
    } else if (typeof value === 'object' && value !== null) Object.values(value).forEach(walk);
  };
  const visit = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    const { panels: _, ...stage } = stages[name] as { panels?: unknown };
    walk(stage);
  };
  visit(view);
  return [...found];
}
