import { startKafka, startRegistry } from '@millrace/embedded';
import { UserClickstreamSchema, WeatherEnergySchema } from '@millrace/schemas';
import type { Bench } from '../bench.ts';
import { benchDecoding } from './decoding.ts';
import { benchProducing } from './producing.ts';
import { clicks, readings } from './rows.ts';

export const bench: Bench = {
  name: 'schemas',
  summary:
    'guarded decoding, checked encoding and enforced producing, beside avsc, the registry client and kafkajs',
  async run() {
    const services = await connect();
    console.log(`broker and registry: ${services.what}\n`);
    try {
      return [
        ...(await benchDecoding(
          {
            name: 'clickstream',
            schema: UserClickstreamSchema,
            rows: clicks(10_000),
            fields: ['event_time', 'event_type', 'user_id', 'page', 'load_ms'],
          },
          services.registryUrl,
        )),
        ...(await benchDecoding(
          {
            name: 'weather-energy',
            schema: WeatherEnergySchema,
            rows: readings(10_000),
            fields: ['time', 'household', 'use_kw', 'gen_kw', 'fridge_kw', 'temperature_c'],
          },
          services.registryUrl,
        )),
        ...(await benchProducing(clicks(50_000), services)),
      ];
    } finally {
      await services.stop();
    }
  },
};

/** The real services where their variables are set, the embedded ones otherwise. */
async function connect() {
  const brokers = process.env['MILLRACE_TEST_KAFKA_BROKERS']?.split(',');
  const registryUrl = process.env['MILLRACE_TEST_REGISTRY_URL'];
  if (brokers !== undefined && registryUrl !== undefined) {
    return { what: 'Apache Kafka and a real registry', brokers, registryUrl, stop: () => Promise.resolve() };
  }
  const kafka = await startKafka();
  const registry = await startRegistry({ kafka: { brokers: kafka.brokers } });
  return {
    what: 'embedded, in this process',
    brokers: kafka.brokers,
    registryUrl: registry.url,
    async stop() {
      await registry.stop();
      await kafka.stop();
    },
  };
}
