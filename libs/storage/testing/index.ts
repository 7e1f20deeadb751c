export { faultProxy, type Fault, type FaultProxy } from './fault-proxy.ts';
