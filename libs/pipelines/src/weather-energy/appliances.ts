/** Fields of a reading with the power of one appliance, and how the energy of it is called. */
export const appliances = [
  ['hvac_kw', 'hvac_kwh'],
  ['ev_kw', 'ev_kwh'],
  ['cooking_kw', 'cooking_kwh'],
  ['dishwasher_kw', 'dishwasher_kwh'],
  ['fridge_kw', 'fridge_kwh'],
  ['living_room_kw', 'living_room_kwh'],
  ['standby_kw', 'standby_kwh'],
  ['furnace_1_kw', 'furnace_1_kwh'],
  ['furnace_2_kw', 'furnace_2_kwh'],
  ['home_office_kw', 'home_office_kwh'],
  ['wine_cellar_kw', 'wine_cellar_kwh'],
  ['garage_door_kw', 'garage_door_kwh'],
  ['kitchen_12_kw', 'kitchen_12_kwh'],
  ['kitchen_14_kw', 'kitchen_14_kwh'],
  ['kitchen_38_kw', 'kitchen_38_kwh'],
  ['barn_kw', 'barn_kwh'],
  ['well_kw', 'well_kwh'],
  ['microwave_kw', 'microwave_kwh'],
] as const;

/** Names of the columns with the appliances' energy. */
export const applianceColumns: readonly string[] = appliances.map(([, column]) => column);
