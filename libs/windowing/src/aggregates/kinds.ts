import type { AggregateKind } from './aggregate.ts';
import { countKind, rateKind } from './count.ts';
import { distinctKind } from './distinct.ts';
import { maxKind, minKind } from './extreme.ts';
import { quantileKind } from './quantile.ts';
import { meanKind, stddevKind, sumKind, varianceKind } from './sum.ts';
import { topKKind } from './top-k.ts';

/** Every type of aggregate by the name it has in a definition. */
export const kinds: Readonly<Record<string, AggregateKind>> = {
  count: countKind,
  distinct: distinctKind,
  max: maxKind,
  mean: meanKind,
  min: minKind,
  quantile: quantileKind,
  rate: rateKind,
  stddev: stddevKind,
  sum: sumKind,
  topK: topKKind,
  variance: varianceKind,
};
