import { expect } from '@jest/globals';
import type { ConformanceCase } from './conformance-case.ts';
import { record, textOf, versionsPath } from './registry-api.ts';

const order = (item: string) => ({
  type: 'record',
  name: 'Order',
  fields: [{ name: 'item', type: item }],
});

export const referenceCases: readonly ConformanceCase[] = [
  {
    name: 'takes schemas that use the types of other subjects, and gives the references back',
    async run(api) {
      const [items, orders] = [api.name('items'), api.name('orders')];
      await api.register(items, record('shop.Item', 'price'));
      const references = [{ name: 'shop.Item', subject: items, version: 1 }];
      const id = await api.register(orders, order('shop.Item'), { references });
      expect(await api.ok('GET', `/schemas/ids/${id}`)).toMatchObject({ references });
      expect(await api.ok('GET', `${versionsPath(orders)}/1`)).toMatchObject({ references });
      const body = { schema: textOf(order('shop.Item')), references };
      expect(await api.ok('POST', `/subjects/${orders}`, body)).toMatchObject({ id });
      expect(await api.ok('GET', `${versionsPath(items)}/1/referencedby`)).toEqual([id]);
    },
  },
  {
    name: 'refuses references that lead nowhere, and types that none of them defines, with 42201',
    async run(api) {
      const [items, orders] = [api.name('items'), api.name('orders')];
      const schema = textOf(order('shop.Item'));
      const references = [{ name: 'shop.Item', subject: items, version: 1 }];
      await api.refused(42201, 'POST', versionsPath(orders), { schema, references });
      await api.refused(42201, 'POST', versionsPath(orders), { schema });
    },
  },
  {
    name: 'does not delete what others refer to (42206), until they are gone',
    async run(api) {
      const [items, orders] = [api.name('items'), api.name('orders')];
      await api.register(items, record('shop.Item', 'price'));
      const references = [{ name: 'shop.Item', subject: items, version: 1 }];
      await api.register(orders, order('shop.Item'), { references });
      await api.refused(42206, 'DELETE', `${versionsPath(items)}/1`);
      await api.refused(42206, 'DELETE', `/subjects/${items}`);
      await api.ok('DELETE', `/subjects/${orders}`);
      await api.ok('DELETE', `/subjects/${orders}?permanent=true`);
      expect(await api.ok('DELETE', `${versionsPath(items)}/1`)).toBe(1);
    },
  },
  {
    name: 'judges compatibility through references',
    async run(api) {
      const [items, orders] = [api.name('items'), api.name('orders')];
      await api.register(items, record('shop.Item', 'price'));
      await api.ok('PUT', `/config/${items}`, { compatibility: 'NONE' });
      await api.register(items, record('shop.Item', 'price', 'weight'));
      const reference = (version: number) => ({
        references: [{ name: 'shop.Item', subject: items, version }],
      });
      await api.register(orders, order('shop.Item'), reference(1));
      const body = { schema: textOf(order('shop.Item')), ...reference(2) };
      const message = await api.refused(409, 'POST', versionsPath(orders), body);
      expect(message).toContain('weight');
    },
  },
];
