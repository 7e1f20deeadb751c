import { NODE_ID, type Broker } from '../broker.ts';
import { ErrorCode } from '../protocol/error-code.ts';
import { alterConfigs, describeConfigs, incrementalAlterConfigs } from '../protocol/messages/index.ts';
import { settingFault, TOPIC_SETTINGS } from '../topics/topic-config.ts';
import type { Topic } from '../topics/topic-store.ts';
import { handler } from './handler.ts';

const TOPIC = 2;
const BROKER = 4;

/** Where a value comes from, in Kafka's numbers. */
const Source = { topic: 1, staticBroker: 4, fallback: 5 } as const;
const TYPES = { boolean: 1, string: 2, int: 3, long: 5, double: 6, list: 7 } as const;
const Operation = { set: 0, delete: 1, append: 2, subtract: 3 } as const;

/** The settings of a topic as DescribeConfigs shows them; all of them if `names` is null. */
export function describeTopicConfig(topic: Topic, names: readonly string[] | null) {
  return Object.keys(TOPIC_SETTINGS)
    .filter((name) => names === null || names.includes(name))
    .map((name) => {
      const own = topic.config.isGiven(name);
      const fallback = topic.config.fallback(name);
      const configSource = own ? Source.topic : Source.fallback;
      const synonyms = [{ name: brokerName(name), value: fallback, source: Source.fallback as number }];
      if (own) synonyms.unshift({ name, value: topic.config.get(name), source: Source.topic });
      return {
        name,
        value: topic.config.get(name),
        readOnly: false,
        configSource,
        isSensitive: false,
        synonyms,
        configType: TYPES[TOPIC_SETTINGS[name]!.kind],
      };
    });
}

/** The broker's default of a topic setting has its own name. */
function brokerName(name: string): string {
  return name === 'max.message.bytes' ? 'message.max.bytes' : `log.${name}`;
}

function describeBroker({ settings, host, port }: Broker, names: readonly string[] | null) {
  const values = {
    'auto.create.topics.enable': String(settings.autoCreateTopics),
    'broker.id': String(NODE_ID),
    'default.replication.factor': '1',
    'group.initial.rebalance.delay.ms': String(settings.groupInitialRebalanceDelayMs),
    'group.min.session.timeout.ms': String(settings.minSessionTimeoutMs),
    'group.max.session.timeout.ms': String(settings.maxSessionTimeoutMs),
    listeners: `${settings.sasl === undefined ? 'PLAINTEXT' : 'SASL_PLAINTEXT'}://${host}:${port}`,
    'node.id': String(NODE_ID),
    'num.partitions': String(settings.defaultPartitions),
    'offsets.topic.replication.factor': '1',
    'transaction.state.log.replication.factor': '1',
  };
  return Object.entries(values)
    .filter(([name]) => names === null || names.includes(name))
    .map(([name, value]) => ({
      name,
      value,
      readOnly: true,
      configSource: Source.staticBroker,
      isSensitive: false,
      synonyms: [{ name, value, source: Source.staticBroker }],
      configType: TYPES.string,
    }));
}

/** The settings of topics and of the broker. */
export const describeConfigsHandler = handler(describeConfigs, {
  handle(request, { broker }) {
    const results = request.resources.map(({ resourceType, resourceName, configurationKeys }) => {
      const about = { resourceType, resourceName };
      const fine = { ...about, errorCode: ErrorCode.none, errorMessage: null };
      const strip = <T extends { synonyms: unknown[] }>(configs: T[]) =>
        request.includeSynonyms ? configs : configs.map((config) => ({ ...config, synonyms: [] }));
      if (resourceType === BROKER) {
        return { ...fine, configs: strip(describeBroker(broker, configurationKeys)) };
      }
      const topic = resourceType === TOPIC ? broker.topics.get(resourceName) : undefined;
      if (topic !== undefined)
        return { ...fine, configs: strip(describeTopicConfig(topic, configurationKeys)) };
      const errorCode = resourceType === TOPIC ? ErrorCode.unknownTopicOrPartition : ErrorCode.invalidRequest;
      return { ...about, errorCode, errorMessage: `There is no such resource: ${resourceName}`, configs: [] };
    });
    return { results };
  },
  refuse: (request, errorCode) => ({
    results: request.resources.map(({ resourceType, resourceName }) => ({
      resourceType,
      resourceName,
      errorCode,
      errorMessage: null,
      configs: [],
    })),
  }),
});

interface Resource {
  readonly resourceType: number;
  readonly resourceName: string;
}

/** New values by name; undefined takes a setting back to its default. */
type Changes = Map<string, string | undefined>;

/** Changes a topic's settings, all of them or none. */
function change(
  broker: Broker,
  resource: Resource,
  options: { validateOnly: boolean; changes: (topic: Topic) => Changes },
) {
  const { resourceType, resourceName } = resource;
  const answer = (errorCode: number, errorMessage: string | null) => ({
    resourceType,
    resourceName,
    errorCode,
    errorMessage,
  });
  if (resourceType !== TOPIC) {
    return answer(
      ErrorCode.invalidRequest,
      'Only settings of topics can be changed; the broker has options.',
    );
  }
  const topic = broker.topics.get(resourceName);
  if (topic === undefined)
    return answer(ErrorCode.unknownTopicOrPartition, `There is no topic ${resourceName}.`);
  const changes = options.changes(topic);
  for (const [name, value] of changes) {
    const fault = settingFault(name, value ?? TOPIC_SETTINGS[name]?.fallback ?? '');
    if (fault !== undefined) return answer(ErrorCode.invalidConfig, fault);
  }
  if (options.validateOnly) return answer(ErrorCode.none, null);
  for (const [name, value] of changes) topic.config.set(name, value);
  broker.topics.save(topic);
  return answer(ErrorCode.none, null);
}

function refuseAll(request: { resources: readonly Resource[] }, errorCode: number) {
  return {
    responses: request.resources.map(({ resourceType, resourceName }) => ({
      resourceType,
      resourceName,
      errorCode,
      errorMessage: null,
    })),
  };
}

/** Sets, removes, appends to and takes from single settings. */
export const incrementalAlterConfigsHandler = handler(incrementalAlterConfigs, {
  handle: (request, { broker }) => ({
    responses: request.resources.map((resource) =>
      change(broker, resource, {
        validateOnly: request.validateOnly,
        changes: (topic) =>
          new Map(
            resource.configs.map(({ name, configOperation, value }) => {
              const items = () => topic.config.get(name).split(',');
              const given = (value ?? '').split(',');
              if (configOperation === Operation.delete) return [name, undefined];
              if (configOperation === Operation.set || !Object.hasOwn(TOPIC_SETTINGS, name))
                return [name, value ?? ''];
              if (configOperation === Operation.append)
                return [name, [...new Set([...items(), ...given])].join(',')];
              return [
                name,
                items()
                  .filter((item) => !given.includes(item))
                  .join(','),
              ];
            }),
          ),
      }),
    ),
  }),
  refuse: refuseAll,
});

/** Replaces all settings of a topic: those that are not named go back to their defaults. */
export const alterConfigsHandler = handler(alterConfigs, {
  handle: (request, { broker }) => ({
    responses: request.resources.map((resource) =>
      change(broker, resource, {
        validateOnly: request.validateOnly,
        changes: (topic) => {
          const changes: Changes = new Map(Object.keys(topic.config.given).map((name) => [name, undefined]));
          for (const { name, value } of resource.configs) changes.set(name, value ?? undefined);
          return changes;
        },
      }),
    ),
  }),
  refuse: refuseAll,
});
