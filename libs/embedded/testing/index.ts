export { freePort } from './free-port.ts';
export { LossyProxy, type LosableApi } from './lossy-proxy.ts';
export { OwnBroker } from './own-broker.ts';
