import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { Broker } from './broker.ts';
import { systemClock, type Clock, type ManualClock } from './clock.ts';
import { lockFolder } from './data-lock.ts';
import { Faults } from './faults.ts';
import { handlers } from './handlers/index.ts';
import { keepHouse } from './housekeeping.ts';
import { serveConnection, type Budget } from './network/connection.ts';
import { dispatch } from './network/dispatch.ts';
import { Session } from './network/session.ts';
import { settingsFrom, type KafkaOptions } from './settings.ts';
import { ListenError } from '../errors.ts';

/** A running broker. */
export interface Kafka<C extends Clock = Clock> {
  /** What clients are given to connect to. */
  readonly brokers: string[];
  readonly host: string;
  readonly port: number;
  /** Switches that make requests fail. */
  readonly faults: Faults;
  /** The clock that was given, or the system's. */
  readonly clock: C;
  /** Does at once what the broker otherwise does every few seconds: retention, compaction, expiry. */
  runHousekeeping(): Promise<void>;
  /** Closes all connections and files. */
  stop(): Promise<void>;
}

export function startKafka(
  options: KafkaOptions & { readonly clock: ManualClock },
): Promise<Kafka<ManualClock>>;
export function startKafka(options?: KafkaOptions): Promise<Kafka>;
/**
 * Starts a broker that speaks the Kafka protocol, in this process. Any number may run at once.
 * @throws EMBEDDED_LISTEN if the port cannot be listened on, EMBEDDED_DATA_LOCKED if another broker uses `dataDir`
 */
export async function startKafka(options: KafkaOptions = {}): Promise<Kafka> {
  const settings = settingsFrom(options);
  const given = options.clock ?? systemClock;
  const unlock = settings.dataDir === undefined ? undefined : lockFolder(settings.dataDir);
  try {
    const { clock, halt } = guarded(given, settings.onError);
    const broker = new Broker(settings, clock);
    const { host, port, faults, close } = await listen(broker, options);
    const house = keepHouse(broker);
    const stop = async () => {
      house.stop();
      await close();
      await house.idle();
      halt();
      broker.close();
      unlock?.();
    };
    let stopped: Promise<void> | undefined;
    return {
      brokers: [`${host.includes(':') ? `[${host}]` : host}:${port}`],
      host,
      port,
      faults,
      clock: given,
      runHousekeeping: () => house.run(),
      stop: () => (stopped ??= stop()),
    };
  } catch (error) {
    unlock?.();
    throw error;
  }
}

/** A task that fails on time must not take the process down, and none may run once the broker has stopped. */
function guarded(clock: Clock, onError: (error: unknown, where: string) => void) {
  let halted = false;
  const after: Clock['after'] = (delayMs, task) =>
    clock.after(delayMs, () => {
      if (halted) return;
      try {
        task();
      } catch (error) {
        onError(error, 'timer');
      }
    });
  return { clock: { now: () => clock.now(), after }, halt: () => void (halted = true) };
}

const ALL_ADDRESSES = new Set(['0.0.0.0', '::']);

async function listen(broker: Broker, options: KafkaOptions) {
  const { settings } = broker;
  const faults = new Faults([...handlers.values()].map(({ api }) => api.name));
  const dispatching = { handlers, faults, onError: settings.onError };
  const budget: Budget = { heldBytes: 0 };
  const sockets = new Set<Socket>();

  const serve = (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    const context = {
      broker,
      session: new Session(settings.sasl !== undefined),
      clientHost: socket.remoteAddress ?? '',
    };
    serveConnection(socket, { budget, handle: (frame) => dispatch(frame, context, dispatching) });
  };

  const server = options.tls === undefined ? createServer(serve) : createTlsServer(options.tls, serve);
  server.on('tlsClientError', (_, socket) => socket.destroy());
  const bound = options.host ?? '127.0.0.1';
  const port = await bind(server, options.port ?? 0, bound);
  const host = options.advertisedHost ?? (ALL_ADDRESSES.has(bound) ? '127.0.0.1' : bound);
  broker.host = host;
  broker.port = options.advertisedPort ?? port;
  const close = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return { host, port, faults, close };
}

/** Connections that the operating system keeps waiting until they are accepted. */
const BACKLOG = 4096;

function bind(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(new ListenError({ host, port }, cause)));
    server.listen({ port, host, backlog: BACKLOG }, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
