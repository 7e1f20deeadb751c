/** Well under the session timeout, after which brokers take a member that says nothing for dead; a store may hang longer. */
const BEAT_MS = 1_000;

/**
 * Calls `beat` every second until `work` is done, however long a store takes. `work` is told whether the group still counts on
 * this member.
 */
export async function whileBeating<Result>(
  beat: () => Promise<void>,
  work: (isMember: () => boolean) => Promise<Result>,
): Promise<Result> {
  let isMember = true;
  const beating = setInterval(() => void beat().catch(() => (isMember = false)), BEAT_MS);
  try {
    return await work(() => isMember);
  } finally {
    clearInterval(beating);
  }
}
