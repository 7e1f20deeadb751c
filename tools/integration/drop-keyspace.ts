import cassandra from 'cassandra-driver';

/** Frees a shared Cassandra of a keyspace that a run has made. */
export async function dropKeyspace(contactPoint: string, keyspace: string): Promise<void> {
  const client = new cassandra.Client({
    contactPoints: [contactPoint],
    localDataCenter: 'datacenter1',
    credentials: { username: 'cassandra', password: 'cassandra' },
    socketOptions: { readTimeout: 60_000 },
  });
  await client.execute(`DROP KEYSPACE IF EXISTS ${keyspace}`);
  await client.shutdown();
}
