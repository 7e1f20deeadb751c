export { manualClock, systemClock, type Alarm, type Clock, type ManualClock } from './broker/clock.ts';
export { Faults, type Fault } from './broker/faults.ts';
export type { Fsync, KafkaOptions, SaslMechanism, SaslOptions } from './broker/settings.ts';
export { startKafka, type Kafka } from './broker/start-kafka.ts';
export { DataLockedError, EmbeddedError, ListenError, ProtocolError, StorageError } from './errors.ts';
export { RegistryError, type RegistryErrorCode } from './registry/errors.ts';
export type { SaslLogin } from './registry/kafka/sasl.ts';
export { startRegistry, type RunningRegistry, type StartRegistryOptions } from './registry/start-registry.ts';
export { startEmbedded, type RunningEmbedded } from './start-embedded.ts';
