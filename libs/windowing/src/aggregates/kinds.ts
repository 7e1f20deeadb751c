import type { AggregateKind } from './aggregate.ts';
import { firstKind, lastKind } from './by-time.ts';
import { collectKind } from './collect.ts';
import { countKind, rateKind } from './count.ts';
import { customKind } from './custom.ts';
import { distinctKind } from './distinct.ts';
import { maxKind, minKind } from './extreme.ts';
import { histogramKind } from './histogram.ts';
import { coverageKind, gapsKind, integralKind } from './integral.ts';
import { maxSpeedKind } from './max-speed.ts';
import { funnelKind, pathKind } from './path.ts';
import { quantileKind } from './quantile.ts';
import { robustScoreKind, seasonalScoreKind } from './score.ts';
import { meanKind, stddevKind, sumKind, varianceKind } from './sum.ts';
import { topKKind } from './top-k.ts';

/** Every type of aggregate by the name it has in a definition. */
export const kinds: Readonly<Record<string, AggregateKind>> = {
  collect: collectKind,
  count: countKind,
  coverage: coverageKind,
  custom: customKind,
  distinct: distinctKind,
  first: firstKind,
  funnel: funnelKind,
  gaps: gapsKind,
  histogram: histogramKind,
  integral: integralKind,
  last: lastKind,
  max: maxKind,
  maxSpeed: maxSpeedKind,
  mean: meanKind,
  min: minKind,
  path: pathKind,
  quantile: quantileKind,
  rate: rateKind,
  robustScore: robustScoreKind,
  seasonalScore: seasonalScoreKind,
  stddev: stddevKind,
  sum: sumKind,
  topK: topKKind,
  variance: varianceKind,
};
