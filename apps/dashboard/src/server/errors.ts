/** What the dashboard throws; `code` starts with `DASHBOARD_`. */
export class DashboardError extends Error {
  override readonly name = 'DashboardError';
  readonly code: `DASHBOARD_${string}`;
  /** Doing the same again later may work. */
  readonly retriable: boolean;

  constructor(
    code: `DASHBOARD_${string}`,
    message: string,
    options: ErrorOptions & { retriable?: boolean } = {},
  ) {
    super(message, options);
    this.code = code;
    this.retriable = options.retriable ?? false;
  }
}
