/** How a process is run; everything it needs has been fetched and written by then. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** The user to run as when we are root and the program refuses root. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** One real service that runs here as a plain process. */
export interface Service {
  readonly name: string;
  /** Product and version. */
  readonly title: string;
  readonly port: number;
  readonly url: string;
  /** What the integration tests read. */
  readonly testEnv: Readonly<Record<string, string>>;
  /** What the apps read. */
  readonly appEnv: Readonly<Record<string, string>>;
  /** How long it may take to become healthy. */
  readonly startTimeoutMs: number;
  /** Makes the software available; downloads nothing that is there already. @throws ServiceError */
  fetch(): Promise<void>;
  /** Writes configuration and data folders below `dir` and says what to run. */
  prepare(dir: string): Promise<Command>;
  /** Whether it answers its own protocol. */
  healthy(): Promise<boolean>;
  /** What is to be done once it is healthy, repeatable: a database, a bucket. */
  afterStart?(): Promise<void>;
}
