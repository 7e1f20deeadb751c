export { beChildProgram, ChildProgram } from './child-program.ts';
export { freePort } from './free-port.ts';
export { LossyProxy, type LosableApi } from './lossy-proxy.ts';
export { OwnBroker } from './own-broker.ts';
export { selfSigned } from './self-signed.ts';
export { unsecuredToken } from './unsecured-token.ts';
