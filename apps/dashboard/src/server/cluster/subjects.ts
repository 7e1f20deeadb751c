import { RegistryError, type Registry } from '@millrace/schemas';
import type { SchemaSubject } from '@millrace/views';
import { DashboardError } from '../errors.ts';

/** The registry's subjects by name. */
export async function listSubjects(registry: Registry): Promise<string[]> {
  return (await registry.subjects()).toSorted();
}

/** A subject's latest version. Undefined for a subject that there is not. */
export async function describeSubject(
  registry: Registry,
  subject: string,
): Promise<SchemaSubject | undefined> {
  const latest = await registry.latest(subject);
  if (latest === undefined) return undefined;
  const { version, id, schema } = latest;
  return { subject, version, id, compatibility: await registry.compatibility(subject), schema };
}

/** @throws DASHBOARD_REGISTRY, which is retriable, instead of a `RegistryError` */
export async function askRegistry<T>(question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (cause) {
    if (!(cause instanceof RegistryError)) throw cause;
    throw new DashboardError('DASHBOARD_REGISTRY', cause.message, { cause, retriable: true });
  }
}
