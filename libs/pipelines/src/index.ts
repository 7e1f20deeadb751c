export { accessLogEvent } from './web-logs/access-log-event.ts';
export {
  type AccessLogLine,
  formatAccessLogLine,
  type LineFault,
  MAX_LINE_BYTES,
  type ParsedLine,
  parseAccessLogLine,
} from './web-logs/access-log-line.ts';
export { type Random, seededRandom } from './random.ts';
export { simulatedRequest } from './web-logs/events.ts';
export { type BurstPlan, type ErrorBurst, errorBursts } from './clickstream/error-bursts.ts';
export { type Shoppers, shoppers, type ShoppersOptions } from './clickstream/events.ts';
export { clickstream } from './clickstream/pipeline.ts';
export { PipelinesError } from './errors.ts';
export { pipelines } from './pipelines.ts';
export { selectPipelines } from './select-pipelines.ts';
export type { Attack } from './user-activity/attacks.ts';
export { plantedAttacks, userActivityEvents } from './user-activity/events.ts';
export type { UserActivityOptions } from './user-activity/events.ts';
export { userActivity } from './user-activity/pipeline.ts';
export type { UserActivityEvent } from './user-activity/visit.ts';
export { type People, peopleAt, simulatedProfile } from './user-ingestion/events.ts';
export { profileHash } from './user-ingestion/profile-hash.ts';
export { parseProfile, type ProfileFault, type User } from './user-ingestion/profile.ts';
export { userIngestion } from './user-ingestion/pipeline.ts';
export { fitForecast, forecastErrors } from './weather-energy/fit-forecast.ts';
export type { ForecastModel } from './weather-energy/forecast.ts';
export { weatherEnergy } from './weather-energy/pipeline.ts';
export { type ModelledEvent, modelledEvents } from './weather-energy/events.ts';
export { webLogs } from './web-logs/pipeline.ts';
