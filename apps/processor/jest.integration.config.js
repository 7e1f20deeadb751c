import { preset } from '../../jest.preset.js';

// cassandra-driver leaves timers behind when it is closed after its host was cut off, as a trial does.
export default { ...preset('integration'), forceExit: true };
