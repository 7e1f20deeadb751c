/** A sink as a process of its own that kills itself, as kill -9 does, right behind its first write. */
import { openStorage } from '@millrace/storage';
import { connectKafka, startSink } from './store-world.ts';
import type { Table } from '@millrace/storage';

const [brokers = '', topic = '', url = '', name = '', tableName = ''] = process.argv.slice(2);
const storage = await openStorage(url);
const named = (table: Table): Table => ({ ...table, name: tableName });
startSink({
  kafka: connectKafka(brokers),
  topic,
  name,
  storage: {
    ...storage,
    name: storage.name,
    capabilities: storage.capabilities,
    ensureTable: (table) => storage.ensureTable(named(table)),
    upsert: async (table, rows) => {
      await storage.upsert(named(table), rows);
      process.kill(process.pid, 'SIGKILL');
    },
  },
});
