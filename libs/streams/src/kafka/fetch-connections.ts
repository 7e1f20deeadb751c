import type { Broker } from '@platformatic/kafka';
import { FetchConnection } from './fetch-connection.ts';
import type { FetchConnectionOptions } from './fetch-connection.ts';

interface Place {
  readonly opening: Promise<FetchConnection>;
  /** Absent until it is open. */
  connection?: FetchConnection;
}

/** The connections of one reader to brokers: opened when needed, anew after a failure. */
export class FetchConnections {
  readonly #options: FetchConnectionOptions;
  readonly #places = new Map<string, Place>();
  #isClosed = false;

  constructor(options: FetchConnectionOptions) {
    this.#options = options;
  }

  to(broker: Broker): Promise<FetchConnection> {
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

  async #open(broker: Broker): Promise<FetchConnection> {
    const connection = await FetchConnection.open(broker, this.#options);
    if (this.#isClosed) connection.close();
    return connection;
  }

  close(): void {
    this.#isClosed = true;
    for (const { connection } of this.#places.values()) connection?.close();
  }
}
