import {
  and,
  coalesce,
  concat,
  eq,
  field,
  isNull,
  lower,
  matches,
  multiply,
  not,
  splitPart,
  when,
} from '@millrace/streams';

/** A crawler that says what it is; one that does not is known by its pace, once its session is. */
const saysBot = coalesce(matches(lower(field('user_agent')), 'bot|crawl|spider|slurp'), false);
export const botAgent = when(saysBot, 1, 0);
/** What people do, as far as a single event tells. */
export const byPeople = not(saysBot);

/** The part of the shop that a page belongs to: `/` is `home`, `/product/p-001` is `product`. */
export const area = when(
  eq(field('page'), '/'),
  'home',
  coalesce(splitPart(field('page'), '/', 1), field('page')),
);

const isType = (type: string) => eq(field('event_type'), type);
export const viewed = when(isType('page_view'), 1, 0);
export const carted = when(isType('add_to_cart'), 1, 0);
export const failed = when(isType('error'), 1, 0);
export const failedArea = when(isType('error'), area, null);
export const simulated = when(field('simulated'), 1, 0);
export const sold = when(isType('purchase'), coalesce(field('quantity'), 1), 0);
/** In EUR. */
export const revenue = when(
  isType('purchase'),
  coalesce(multiply(field('price'), coalesce(field('quantity'), 1)), 0),
  0,
);

/** The steps of a sale, in their order. */
export const saleSteps = ['view', 'cart', 'checkout', 'purchase'];
/** Which of them an event is; null for other events. */
export const saleStep = when(
  and(isType('page_view'), not(isNull(field('product_id')))),
  'view',
  isType('add_to_cart'),
  'cart',
  isType('checkout'),
  'checkout',
  isType('purchase'),
  'purchase',
  null,
);

/** A way through the shop of up to five areas as text: `home → category → product`. */
export const wayText = concat(
  field('way.0'),
  ...[1, 2, 3, 4].map((at) => when(isNull(field(`way.${at}`)), '', concat(' → ', field(`way.${at}`)))),
);
