import { seededRandom } from '../random.ts';

export interface Product {
  readonly id: string;
  readonly category: string;
  /** Of one piece, in EUR. */
  readonly price: number;
}

const categories = ['shoes', 'jackets', 'shirts', 'bags', 'watches', 'outdoor', 'kids', 'sale'] as const;
const PRODUCT_COUNT = 200;
/** Sales of a shop are led by few products: close to Zipf's law. */
const POPULARITY_EXPONENT = 1.05;

/** The products of the simulated shop, the most wanted first. */
export const products: readonly Product[] = Array.from({ length: PRODUCT_COUNT }, (_, index) => {
  const random = seededRandom(0, index);
  return {
    id: `p-${String(index + 1).padStart(3, '0')}`,
    category: categories[random.below(categories.length)] ?? 'sale',
    price: Math.max(5, Math.round(random.logNormal(45, 0.7))) - 0.05,
  };
});

/** A product for a draw of `random`, the first ones most often. */
export function wantedProduct(random: { zipf(count: number, exponent: number): number }): Product {
  return products[random.zipf(PRODUCT_COUNT, POPULARITY_EXPONENT)] as Product;
}

/** What a page of each area costs: the median of its load time, and how long a shopper stays on it. */
export const areas = {
  home: { loadMs: 380, stayMs: 9_000 },
  category: { loadMs: 520, stayMs: 16_000 },
  search: { loadMs: 640, stayMs: 12_000 },
  product: { loadMs: 560, stayMs: 26_000 },
  cart: { loadMs: 430, stayMs: 14_000 },
  checkout: { loadMs: 700, stayMs: 55_000 },
  order: { loadMs: 620, stayMs: 12_000 },
} as const;

export type Area = keyof typeof areas;

/** The path of a page; only products and categories have more than one. */
export function pagePath(area: Area, product: Product | null): string {
  if (area === 'home') return '/';
  if (product === null) return `/${area}`;
  return area === 'category' ? `/category/${product.category}` : `/product/${product.id}`;
}
