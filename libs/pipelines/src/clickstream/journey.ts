import type { Random } from '../random.ts';
import { type Area, areas, pagePath, type Product, wantedProduct } from './shop.ts';

/** One thing that a shopper does, `atMs` after the first. */
export interface Step {
  readonly atMs: number;
  readonly type:
    'page_view' | 'click' | 'search' | 'add_to_cart' | 'remove_from_cart' | 'checkout' | 'purchase';
  readonly area: Area;
  readonly page: string;
  readonly product: Product | null;
  readonly quantity: number | null;
}

/** No journey is longer: what started earlier than this is over. */
export const MAX_JOURNEY_MS = 60 * 60_000;
/** Who thinks longer than this has left. */
const MAX_THINK_MS = 10 * 60_000;
/** A shopper who stands before the same decisions this often has left too. */
const MAX_STEPS = 60;

type Move = Area | 'add' | 'click' | 'remove' | 'buy' | 'leave';
type Choices = readonly (readonly [weight: number, move: Move])[];

const entries: Choices = [
  [40, 'home'],
  [33, 'product'],
  [17, 'category'],
  [10, 'search'],
];
/** A third of all visits ends on the page where it began. */
const BOUNCE_SHARE = 0.34;

const moves: Readonly<Record<Area, Choices>> = {
  home: [
    [45, 'category'],
    [20, 'search'],
    [22, 'product'],
    [13, 'leave'],
  ],
  category: [
    [55, 'product'],
    [20, 'category'],
    [10, 'search'],
    [15, 'leave'],
  ],
  search: [
    [58, 'product'],
    [20, 'search'],
    [22, 'leave'],
  ],
  product: [
    [15, 'add'],
    [12, 'click'],
    [30, 'product'],
    [20, 'category'],
    [8, 'search'],
    [15, 'leave'],
  ],
  cart: [
    [50, 'checkout'],
    [10, 'remove'],
    [20, 'category'],
    [20, 'leave'],
  ],
  checkout: [
    [65, 'buy'],
    [7, 'cart'],
    [28, 'leave'],
  ],
  order: [
    [85, 'leave'],
    [15, 'home'],
  ],
};

/**
 * What a shopper does from the first page to the last, drawn from `random`: pages with think times, a cart that fills and is
 * paid for, or not. An order has one `purchase` step for each line of the cart.
 */
export function journey(random: Random): Step[] {
  const steps: Step[] = [];
  const cart: { product: Product; quantity: number }[] = [];
  let atMs = 0;
  let product: Product | null = null;
  const does = (type: Step['type'], area: Area, of: Partial<Step> = {}) =>
    steps.push({ atMs, type, area, page: pagePath(area, product), product: null, quantity: null, ...of });
  const stays = (medianMs: number) => {
    atMs += Math.round(Math.min(random.logNormal(medianMs, 0.8), MAX_THINK_MS));
  };
  const opens = (area: Area) => {
    product = area === 'product' || area === 'category' ? wantedProduct(random) : null;
    if (area === 'search') does('search', area);
    if (area === 'checkout') does('checkout', area);
    does('page_view', area, area === 'product' ? { product } : {});
    stays(areas[area].stayMs);
    return area;
  };

  let area = opens(random.weighted(entries) as Area);
  if (random.next() < BOUNCE_SHARE) return steps;
  while (atMs < MAX_JOURNEY_MS - 3 * MAX_THINK_MS && steps.length < MAX_STEPS) {
    const move = random.weighted(moves[area]);
    if (move === 'leave') break;
    if (move === 'click') {
      does('click', area, { product });
      stays(5_000);
    } else if (move === 'add' && product !== null) {
      const quantity = random.next() < 0.85 ? 1 : 2;
      cart.push({ product, quantity });
      does('add_to_cart', area, { product, quantity });
      stays(4_000);
      if (random.next() < 0.6) area = opens('cart');
    } else if (move === 'remove') {
      const line = cart.pop();
      if (line !== undefined) does('remove_from_cart', area, line);
      stays(4_000);
      if (cart.length === 0) area = opens('home');
    } else if (move === 'buy') {
      for (const line of cart.splice(0)) does('purchase', area, line);
      atMs += 400;
      area = opens('order');
    } else if (move !== 'add') area = opens(move);
  }
  return steps;
}

/** What a crawler does: one product page after the other, faster than anybody reads. */
export function crawl(random: Random): Step[] {
  const count = 30 + random.below(50);
  let atMs = 0;
  return Array.from({ length: count }, () => {
    atMs += 200 + random.below(1_200);
    const product = wantedProduct(random);
    const page = pagePath('product', product);
    return { atMs, type: 'page_view', area: 'product', page, product, quantity: null };
  });
}
