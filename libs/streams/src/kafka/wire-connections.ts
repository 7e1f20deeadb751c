import type { Broker } from '@platformatic/kafka';
import { WireConnection } from './wire-connection.ts';
import type { WireConnectionOptions } from './wire-connection.ts';

interface Place {
  readonly opening: Promise<WireConnection>;
  /** Absent until it is open. */
  connection?: WireConnection;
}

/** The connections of one reader or writer to brokers: opened when needed, anew after a failure. */
export class WireConnections {
  readonly #options: WireConnectionOptions;
  readonly #places = new Map<string, Place>();
  #isClosed = false;

  constructor(options: WireConnectionOptions) {
    this.#options = options;
  }

  to(broker: Broker): Promise<WireConnection> {
    const id = `${broker.host}:${broker.port}`;
    const known = this.#places.get(id);
    if (known !== undefined && known.connection?.isUsable !== false) return known.opening;
    known?.connection?.closeWhenAnswered();
    const place: Place = { opening: this.#open(broker) };
    this.#places.set(id, place);
    place.opening.then(
      (connection) => {
        place.connection = connection;
      },
      () => this.#places.delete(id),
    );
    return place.opening;
  }

  async #open(broker: Broker): Promise<WireConnection> {
    const connection = await WireConnection.open(broker, this.#options);
    if (this.#isClosed) connection.close();
    return connection;
  }

  close(): void {
    this.#isClosed = true;
    for (const { connection } of this.#places.values()) connection?.close();
  }
}
