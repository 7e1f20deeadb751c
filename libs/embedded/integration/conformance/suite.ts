import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { WireClient } from '../wire-client.ts';
import type { Target } from './target.ts';

/** A sentence about the protocol and what shows that it holds. */
export type Cases = Readonly<Record<string, (context: Context) => Promise<void>>>;

export interface Context {
  readonly client: WireClient;
  /** A further connection, closed at the end. */
  connect(): Promise<WireClient>;
}

/** Runs the cases against a target; each gets connections of its own. */
export function describeCases(
  title: string,
  cases: Cases,
  { target, enabled }: { target: Target; enabled: boolean },
): void {
  (enabled ? describe : describe.skip)(title, () => {
    let running: Awaited<ReturnType<Target['start']>>;
    beforeAll(async () => {
      running = await target.start();
    });
    afterAll(() => running.stop());
    for (const [sentence, check] of Object.entries(cases)) {
      const reason = target.deviations[sentence];
      (reason === undefined ? it : it.skip)(
        reason === undefined ? sentence : `${sentence} (not here: ${reason})`,
        async () => {
          const clients: WireClient[] = [];
          const connect = async () => {
            const client = await WireClient.connect(running.broker);
            clients.push(client);
            return client;
          };
          try {
            await check({ client: await connect(), connect });
          } finally {
            for (const client of clients) client.close();
          }
        },
      );
    }
  });
}
