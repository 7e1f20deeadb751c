/** Everything generated code may call. */
export {
  at,
  bigintAt,
  countRest,
  cursor,
  doubleAt,
  fail,
  failure,
  floatAt,
  intRest,
  lengthRest,
  longRest,
  numberAt,
  skipVarint,
} from './cursor.ts';
export { bytesValue, dateText, decimalValue, durationValue, uuidValue } from './logical-values.ts';
export {
  hasUnknown,
  INVALID,
  isPlain,
  isUuid,
  putBigint,
  putBytes,
  putDate,
  putDecimal,
  putDouble,
  putDuration,
  putFixed,
  putFloat,
  putLong,
  putText,
  putUuid,
  ROOM,
  soleKey,
} from './put.ts';
export { cachedText } from './text-cache.ts';
export { asciiText, isUtf8, utf8Text } from './utf8.ts';
