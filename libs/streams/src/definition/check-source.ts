import { topicNames } from '../topology/topology.ts';
import { checkDuration, checkName } from './check-names.ts';
import type { Report } from './check-names.ts';
import { unknownField } from './check-expression.ts';
import { isGlobalTable } from './pipeline-definition.ts';
import type { PipelineDefinition, SourceDefinition } from './pipeline-definition.ts';
import { eventTimeOf, sourceScope } from './scope.ts';
import type { Scope } from './scope.ts';

/** Kafka's own rule. @see https://kafka.apache.org/41/operations/basic-kafka-operations/ */
const topicShape = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/;

export function checkSources(definition: PipelineDefinition, report: Report): void {
  const own = ownTopics(definition);
  const readers = new Map<string, string>();
  for (const [name, source] of Object.entries(definition.sources)) {
    const { topic } = source;
    const path = `sources.${name}.topic`;
    const other = readers.get(topic);
    // Offsets are committed by topic: two sources of one would take each other's.
    if (other !== undefined)
      report(path, `"${topic}" is that of "${other}" too: let all views read one source`);
    readers.set(topic, name);
    if (!topicShape.test(topic))
      report(
        path,
        `"${topic}" is no topic: Kafka takes 1 to 249 letters of a to z, digits, ".", "_" or "-", and neither "." nor ".."`,
      );
    if (own.has(topic))
      report(
        path,
        `"${topic}" is written by this pipeline itself: read the view by its name, or name the topic of another pipeline`,
      );
    checkSource(definition, name, source, report);
  }
}

/** The topics that the pipeline writes: reading one would feed it with what it gives. */
function ownTopics({ name, sources, views }: PipelineDefinition): Set<string> {
  const stages = [...Object.keys(sources), ...Object.keys(views)];
  return new Set([
    ...Object.keys(views).flatMap((view) => [
      topicNames.results(name, view),
      topicNames.repartition(name, view),
    ]),
    ...stages.map((stage) => topicNames.changelog(name, stage)),
    ...[topicNames.late(name), topicNames.rejected(name), topicNames.deadLetter(name)],
  ]);
}

function checkSource(
  definition: PipelineDefinition,
  name: string,
  source: SourceDefinition,
  report: Report,
): void {
  const path = `sources.${name}`;
  checkName(path, name, report);
  const scope = sourceScope(source);
  // A global table counts as it is, whatever the time.
  if (eventTimeOf(source) !== undefined || !isGlobalTable(definition, name))
    checkEventTime(`${path}.eventTime`, source, scope, report);
  checkDuration(`${path}.outOfOrderMs`, source.outOfOrderMs, report);
  checkDuration(`${path}.idleAfterMs`, source.idleAfterMs, report);
  checkDuration(`${path}.maxFutureMs`, source.maxFutureMs, report);
  for (const key of source.partitionedBy ?? [])
    if (!scope.has(key)) report(`${path}.partitionedBy`, unknownField(key, scope));
}

function checkEventTime(path: string, source: SourceDefinition, scope: Scope, report: Report): void {
  const eventTime = eventTimeOf(source);
  const marked = source.schema.fields.filter((field) => field.eventTime === true).map(({ name }) => name);
  if (eventTime === undefined)
    return report(path, 'is missing; name the field, or mark one in the schema with "eventTime": true');
  if (source.eventTime === undefined && marked.length > 1)
    return report(path, `is marked on ${marked.join(' and ')} in the schema: name the field that counts`);
  const type = scope.get(eventTime)?.type;
  if (type === undefined) report(path, unknownField(eventTime, scope));
  else if (type !== 'timestamp' && type !== 'long')
    report(path, `field "${eventTime}" is ${type}; it must hold epoch milliseconds`);
}
