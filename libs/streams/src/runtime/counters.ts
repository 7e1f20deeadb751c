/** What a worker has done since it started; only ever grows. */
export interface PipelineCounters {
  records: number;
  bytes: number;
  results: number;
  late: number;
  rejected: number;
  deadLetter: number;
  commits: number;
  failedCommits: number;
  rebalances: number;
  restores: number;
  restoredRecords: number;
  changelogBytes: number;
  checkpoints: number;
  checkpointsRefused: number;
  globalTableRefused: number;
  /** Cells of windows that were put on disk, and that were read again to go on with them. */
  spilledCells: number;
  loadedCells: number;
}

export const newCounters = (): PipelineCounters => ({
  records: 0,
  bytes: 0,
  results: 0,
  late: 0,
  rejected: 0,
  deadLetter: 0,
  commits: 0,
  failedCommits: 0,
  rebalances: 0,
  restores: 0,
  restoredRecords: 0,
  changelogBytes: 0,
  checkpoints: 0,
  checkpointsRefused: 0,
  globalTableRefused: 0,
  spilledCells: 0,
  loadedCells: 0,
});
