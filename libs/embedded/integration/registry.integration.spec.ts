import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { startKafka, startRegistry, type Kafka, type RunningRegistry } from '../src/index.ts';
import { testConformance, testWithDeviations } from './registry/conformance-suite.ts';
import { APICURIO_DEVIATIONS } from './registry/apicurio-deviations.ts';
import { testCompatibilityData } from './registry/compatibility-data.ts';
import { RegistryApi } from './registry/registry-api.ts';

const conformance = process.env['MILLRACE_CONFORMANCE'];
const brokers = process.env['MILLRACE_TEST_KAFKA_BROKERS'];
const apicurioUrl = process.env['MILLRACE_TEST_REGISTRY_URL'];

describe('the registry over the embedded broker', () => {
  let kafka: Kafka;
  let registry: RunningRegistry;
  let api: RegistryApi;
  beforeAll(async () => {
    kafka = await startKafka();
    registry = await startRegistry({ kafka });
    api = new RegistryApi(registry.url);
  });
  afterAll(async () => {
    await registry?.stop();
    await kafka?.stop();
  });
  testConformance(() => api);
  (conformance === undefined ? it.skip : it)(
    'judges the shared compatibility data alike in all seven modes',
    () => testCompatibilityData(api, conformance as string),
  );
});

(brokers === undefined ? describe.skip : describe)('the registry over Apache Kafka', () => {
  let registry: RunningRegistry;
  let api: RegistryApi;
  beforeAll(async () => {
    const topic = `_schemas_${Date.now()}_${process.pid}`;
    registry = await startRegistry({ kafka: { brokers: (brokers as string).split(',') }, topic });
    api = new RegistryApi(registry.url);
  });
  afterAll(() => registry?.stop());
  testConformance(() => api);
});

(apicurioUrl === undefined ? describe.skip : describe)('Apicurio', () => {
  it('agrees with the suite, but for the departures listed', () =>
    testWithDeviations(new RegistryApi(apicurioUrl as string), APICURIO_DEVIATIONS));
});
