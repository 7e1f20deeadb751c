import { run } from './run.ts';

/** What to do where Java or Maven is missing. */
export const javaRemedy =
  'install Java 17 and Maven 3.8 or newer (Debian: apt-get install openjdk-17-jdk-headless maven)';

/** @throws ServiceError `SERVICES_MISSING` where there is no Java, before anything is downloaded for it */
export async function requireJava(): Promise<void> {
  await run('java', ['-version'], { remedy: javaRemedy });
}
