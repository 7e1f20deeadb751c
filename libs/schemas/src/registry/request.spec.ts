import { describe, expect, it } from '@jest/globals';
import { RegistryError } from '../errors.ts';
import { connectRegistry } from './connect-registry.ts';

type Answer = { status: number; body: unknown } | Error;

/** A registry that gives these answers in turn, and what it was asked. */
function scripted(answers: readonly Answer[], more: object = {}) {
  const asked: { url: string; init: RequestInit }[] = [];
  const registry = connectRegistry({
    url: 'http://registry/base/',
    attempts: 2,
    ...more,
    fetch: (url, init = {}) => {
      const answer = answers[asked.push({ url: String(url), init }) - 1] ?? new Error('asked too often');
      if (answer instanceof Error) return Promise.reject(answer);
      const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
      return Promise.resolve(new Response(text, { status: answer.status }));
    },
  });
  return { registry, asked };
}

describe('registry requests', () => {
  it('keep the base path, encode subjects and carry credentials', async () => {
    const auth = { username: 'ann', password: 'p' };
    const { registry, asked } = scripted(
      [
        { status: 200, body: [1] },
        { status: 200, body: { id: 4 } },
      ],
      { auth },
    );
    expect(await registry.versions('a/b c')).toEqual([1]);
    expect(await registry.register('s', '"int"')).toBe(4);
    expect(asked.map(({ url }) => url)).toEqual([
      'http://registry/base/subjects/a%2Fb%20c/versions',
      'http://registry/base/subjects/s/versions',
    ]);
    expect(asked[0]?.init.headers).toMatchObject({ authorization: 'Basic YW5uOnA=' });
    expect(asked[1]?.init.body).toBe('{"schema":"\\"int\\""}');
    const withToken = scripted([{ status: 200, body: [] }], { auth: { token: 't' } });
    await withToken.registry.subjects();
    expect(withToken.asked[0]?.init.headers).toMatchObject({ authorization: 'Bearer t' });
  });

  it('try again after what may pass, and then say what happened', async () => {
    const passing = scripted([new Error('reset'), { status: 200, body: ['s'] }]);
    expect(await passing.registry.subjects()).toEqual(['s']);
    const failing = scripted([
      { status: 503, body: 'busy' },
      { status: 429, body: 'slow down' },
    ]);
    await expect(failing.registry.subjects()).rejects.toMatchObject({
      code: 'SCHEMAS_REGISTRY_REFUSED',
      status: 429,
      retriable: true,
      message: expect.stringContaining('slow down'),
    });
    const refusing = scripted([{ status: 422, body: { error_code: 42201, message: 'Invalid schema' } }]);
    await expect(refusing.registry.register('s', '"nope"')).rejects.toMatchObject({
      status: 422,
      errorCode: 42201,
      retriable: false,
      message: expect.stringContaining('Invalid schema'),
    });
    expect(refusing.asked).toHaveLength(1);
  });

  it('tell a subject that is missing from a URL that is wrong', async () => {
    const missing = scripted([{ status: 404, body: { error_code: 40401, message: 'Subject not found' } }]);
    expect(await missing.registry.latest('s')).toBeUndefined();
    const wrong = scripted([{ status: 404, body: '<html>' }]);
    await expect(wrong.registry.latest('s')).rejects.toThrow('check the registry’s URL');
    const other = scripted([{ status: 200, body: { hello: 'world' } }]);
    await expect(other.registry.latest('s')).rejects.toMatchObject({ code: 'SCHEMAS_REGISTRY_ANSWER' });
    const locked = scripted([{ status: 401, body: 'no' }]);
    await expect(locked.registry.subjects()).rejects.toThrow('check the credentials');
  });

  it('are all refused as registry errors', async () => {
    const { registry } = scripted([{ status: 200, body: { compatibilityLevel: 'SOMETIMES' } }]);
    await expect(registry.compatibility('s')).rejects.toBeInstanceOf(RegistryError);
  });
});
