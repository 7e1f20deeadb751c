/** Fields that a reading may bring with it, and that else are those of the weather observed last. */
export const weatherFields = [
  'temperature_c',
  'apparent_temperature_c',
  'dew_point_c',
  'humidity',
  'pressure_hpa',
  'visibility_km',
  'cloud_cover',
  'wind_speed_ms',
  'wind_bearing_deg',
  'precip_intensity_mm',
  'precip_probability',
  'summary',
  'icon',
] as const;
