/**
 * Cuts time into panes, the longest pieces that lie in the same windows, so that an event is counted once however many windows
 * it is in; a window is the merge of its panes.
 * @see Li et al. 2005, "No pane, no gain"; Krishnamurthy et al. 2006, "On-the-fly sharing for streamed aggregation"
 */
export interface Slicer {
  /** Bounds of the pane that `locate` found. */
  start: number;
  end: number;
  locate(timeMs: number): void;
  /** Calls with each window that holds the pane starting at `paneStart`, by ascending end. */
  windowsOf(paneStart: number, visit: (start: number, end: number) => void): void;
}
