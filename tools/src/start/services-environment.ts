import { catalog } from '../services/catalog.ts';

/** Where the apps find the services of `npm run services`; what `env` says of the same variables counts more. */
export function servicesEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const addresses = Object.assign({}, ...catalog.map((service) => service.appEnv)) as Record<string, string>;
  return Object.fromEntries(Object.entries(addresses).map(([name, value]) => [name, env[name] ?? value]));
}
