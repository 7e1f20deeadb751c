/** Where a log-in comes from. */
export interface Place {
  readonly country: string;
  readonly city: string;
  /** Degrees. */
  readonly latitude: number;
  readonly longitude: number;
}

const place = (country: string, city: string, latitude: number, longitude: number): Place => ({
  country,
  city,
  latitude,
  longitude,
});

/** Where the people live, and where attackers pretend to be. */
export const places: readonly Place[] = [
  place('DE', 'Berlin', 52.52, 13.41),
  place('FR', 'Paris', 48.86, 2.35),
  place('GB', 'London', 51.51, -0.13),
  place('ES', 'Madrid', 40.42, -3.7),
  place('IT', 'Rome', 41.89, 12.48),
  place('PL', 'Warsaw', 52.23, 21.01),
  place('SE', 'Stockholm', 59.33, 18.07),
  place('TR', 'Istanbul', 41.01, 28.98),
  place('EG', 'Cairo', 30.04, 31.24),
  place('NG', 'Lagos', 6.52, 3.38),
  place('KE', 'Nairobi', -1.29, 36.82),
  place('ZA', 'Cape Town', -33.92, 18.42),
  place('AE', 'Dubai', 25.2, 55.27),
  place('IN', 'Mumbai', 19.08, 72.88),
  place('SG', 'Singapore', 1.35, 103.82),
  place('JP', 'Tokyo', 35.68, 139.69),
  place('KR', 'Seoul', 37.57, 126.98),
  place('AU', 'Sydney', -33.87, 151.21),
  place('NZ', 'Auckland', -36.85, 174.76),
  place('US', 'New York', 40.71, -74.01),
  place('US', 'Denver', 39.74, -104.99),
  place('US', 'Seattle', 47.61, -122.33),
  place('CA', 'Toronto', 43.65, -79.38),
  place('MX', 'Mexico City', 19.43, -99.13),
  place('BR', 'São Paulo', -23.55, -46.63),
  place('CL', 'Santiago', -33.45, -70.67),
];

const earthRadiusKm = 6371.0088;
const toRadians = Math.PI / 180;

/** Kilometres between two places along a great circle, on a sphere of the earth's mean radius (haversine). */
export function distanceKm(a: Place, b: Place): number {
  const dLatitude = (b.latitude - a.latitude) * toRadians;
  const dLongitude = (b.longitude - a.longitude) * toRadians;
  const h =
    Math.sin(dLatitude / 2) ** 2 +
    Math.cos(a.latitude * toRadians) * Math.cos(b.latitude * toRadians) * Math.sin(dLongitude / 2) ** 2;
  return 2 * earthRadiusKm * Math.asin(Math.min(1, Math.sqrt(h)));
}
