/** How a unit becomes another: `value · factor + offset`. */
interface Conversion {
  readonly factor: number;
  readonly offset?: number;
}

/** By the schema's unit, then by the file's. */
const conversions: Readonly<Record<string, Readonly<Record<string, Conversion>>>> = {
  '°C': { '°F': { factor: 5 / 9, offset: -160 / 9 }, K: { factor: 1, offset: -273.15 } },
  kW: { W: { factor: 0.001 }, MW: { factor: 1000 } },
  'm/s': { mph: { factor: 0.44704 }, 'km/h': { factor: 1 / 3.6 }, kn: { factor: 1852 / 3600 } },
  hPa: { mbar: { factor: 1 }, Pa: { factor: 0.01 }, kPa: { factor: 10 }, inHg: { factor: 33.8638864 } },
  km: { mi: { factor: 1.609344 }, m: { factor: 0.001 } },
  'mm/h': { 'in/h': { factor: 25.4 } },
  ratio: { '%': { factor: 0.01 } },
};

/** What can be true on Earth and in a house; by the schema's unit. What lies outside is a wrong unit or a broken sensor. */
const plausible: Readonly<Record<string, readonly [min: number, max: number]>> = {
  '°C': [-90, 60],
  kW: [-100, 100],
  'm/s': [0, 120],
  hPa: [800, 1100],
  km: [0, 500],
  'mm/h': [0, 500],
  ratio: [0, 1],
  '°': [0, 360],
};

/** Values in the schema's unit outside of this are refused; undefined where the unit says nothing. */
export const plausibleRange = (unit: string): readonly [min: number, max: number] | undefined =>
  plausible[unit];

/** The units that can become `to`, itself included. */
export const unitsFor = (to: string): string[] => [to, ...Object.keys(conversions[to] ?? {})];

/** Makes a value in the unit `from` one in the unit `to`; undefined where nothing is known of such a step. */
export function converter(from: string, to: string): ((value: number) => number) | undefined {
  if (from === to) return (value) => value;
  const conversion = conversions[to]?.[from];
  if (conversion === undefined) return undefined;
  const { factor, offset = 0 } = conversion;
  return (value) => value * factor + offset;
}
