import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** A seeded source of numbers for simulated events: the same seed gives the same events. */
export interface Random {
  /** Uniform in `[0, 1)`. */
  next(): number;
  /** A whole number in `[0, below)`. */
  below(below: number): number;
  /** One of `choices`, each as likely as its weight; throws on an empty list. */
  weighted<T>(choices: readonly (readonly [weight: number, value: T])[]): T;
  /** Log-normal, given by its median and the standard deviation of its logarithm: the shape of latencies. */
  logNormal(median: number, sigma: number): number;
  /** A rank in `[0, count)`, rank `r` with probability proportional to `1 / (r + 1) ** exponent`. */
  zipf(count: number, exponent: number): number;
}

/** The numbers of one stream `index` under `seed`; event 17 can be made again without making events 0 to 16. */
export function seededRandom(seed: number, index = 0): Random {
  const generator = xoroshiro128plus((seed ^ Math.imul(index + 1, 0x9e3779b1)) | 0);
  for (let round = 0; round < 4; round++) generator.next(); // nearby seeds start with nearby states
  const next = () => uniformFloat64(generator);

  function weighted<T>(choices: readonly (readonly [number, T])[]): T {
    let rest = next() * choices.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, value] of choices) {
      rest -= weight;
      if (rest < 0) return value;
    }
    const last = choices.at(-1);
    if (last === undefined) throw new RangeError('weighted() needs at least one choice');
    return last[1];
  }

  return {
    next,
    below: (below) => Math.floor(next() * below),
    weighted,
    logNormal(median, sigma) {
      const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
      return median * Math.exp(sigma * normal);
    },
    zipf: (count, exponent) => zipfRank(zipfTable(count, exponent), next()),
  };
}

const zipfTables = new Map<string, Float64Array>();

/** Cumulative probabilities of the ranks; computed once for each shape. */
function zipfTable(count: number, exponent: number): Float64Array {
  const name = `${count}/${exponent}`;
  const known = zipfTables.get(name);
  if (known !== undefined) return known;
  const table = new Float64Array(count);
  let sum = 0;
  for (let rank = 0; rank < count; rank++) table[rank] = sum += (rank + 1) ** -exponent;
  for (let rank = 0; rank < count; rank++) table[rank] = (table[rank] ?? 0) / sum;
  zipfTables.set(name, table);
  return table;
}

function zipfRank(table: Float64Array, draw: number): number {
  let low = 0;
  let high = table.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((table[middle] ?? 1) > draw) high = middle;
    else low = middle + 1;
  }
  return low;
}
