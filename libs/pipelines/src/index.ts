export {
  type AccessLogLine,
  formatAccessLogLine,
  type LineFault,
  MAX_LINE_BYTES,
  type ParsedLine,
  parseAccessLogLine,
} from './web-logs/access-log-line.ts';
export { simulatedRequest } from './web-logs/events.ts';
