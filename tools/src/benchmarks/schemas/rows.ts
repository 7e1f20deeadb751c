/** The two records that are measured: a click with a dozen short columns, and a reading with thirty numbers. */
import type { UserClickstream, WeatherEnergy } from '@millrace/schemas';

const START_MS = Date.UTC(2026, 0, 1);
const EVENTS = ['page_view', 'click', 'add_to_cart', 'purchase'] as const;

export function clicks(count: number): UserClickstream[] {
  return Array.from({ length: count }, (_, index) => {
    const user = (index * 7919) % 10_000;
    const sold = index % 4 >= 2;
    return {
      event_id: index.toString(16).padStart(16, '0'),
      event_time: START_MS + index * 37,
      event_type: EVENTS[index % 4] as string,
      user_id: `user-${user}`,
      session_id: `session-${user}-${index % 7}`,
      page: `/product/${index % 50}`,
      product_id: sold ? `p-${index % 500}` : null,
      category: sold ? 'shoes' : null,
      price: sold ? (index % 9_000) / 100 : null,
      quantity: sold ? 1 + (index % 3) : null,
      order_id: null,
      referrer: index % 3 === 0 ? 'https://example.com/' : null,
      load_ms: index % 4 === 0 ? 40 + (index % 900) : null,
      error_code: null,
      device: index % 2 === 0 ? 'mobile' : 'desktop',
      country: 'DE',
      user_agent: null,
      simulated: true,
    };
  });
}

export function readings(count: number): WeatherEnergy[] {
  return Array.from({ length: count }, (_, index) => {
    const kw = (factor: number) => Math.abs(Math.sin(index * factor)) * factor;
    return {
      time: START_MS + index * 60_000,
      household: 'home-1',
      use_kw: kw(3),
      gen_kw: kw(0.4),
      house_overall_kw: kw(2.9),
      dishwasher_kw: kw(0.7),
      furnace_1_kw: kw(0.5),
      furnace_2_kw: kw(0.6),
      home_office_kw: kw(0.2),
      fridge_kw: kw(0.1),
      wine_cellar_kw: kw(0.05),
      garage_door_kw: kw(0.01),
      kitchen_12_kw: null,
      kitchen_14_kw: kw(0.3),
      kitchen_38_kw: kw(0.31),
      barn_kw: kw(0.04),
      well_kw: null,
      microwave_kw: kw(1.1),
      living_room_kw: kw(0.15),
      hvac_kw: null,
      ev_kw: null,
      cooking_kw: null,
      standby_kw: null,
      solar_kw: kw(2.2),
      temperature_c: 10 + kw(12),
      apparent_temperature_c: 9 + kw(12),
      dew_point_c: kw(8),
      humidity: kw(0.9),
      pressure_hpa: 1000 + kw(20),
      visibility_km: kw(16),
      cloud_cover: kw(0.99),
      wind_speed_ms: kw(9),
      wind_bearing_deg: kw(359),
      precip_intensity_mm: null,
      precip_probability: kw(0.8),
      summary: 'Clear',
      icon: 'clear-night',
      modelled: true,
    };
  });
}
