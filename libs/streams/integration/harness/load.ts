import { click } from './clicks.ts';
import type { TestCluster } from './cluster.ts';

/** Sends clicks, one portion after the other, until it is told to end; `count` is how many were acknowledged. */
export function startLoad(cluster: TestCluster, topic: string, portion = 100) {
  let isOver = false;
  const load = {
    count: 0,
    end: async (): Promise<ReturnType<typeof click>[]> => {
      isOver = true;
      await sending;
      return Array.from({ length: load.count }, (_, n) => click(n));
    },
  };
  const sending = (async () => {
    while (!isOver) {
      await cluster.send(
        topic,
        Array.from({ length: portion }, (_, at) => click(load.count + at)),
      );
      load.count += portion;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  sending.catch(() => undefined);
  return load;
}
