export type Report = (path: string, problem: string) => void;

/** Kafka allows 249 characters in a topic name, Cassandra 48 in a table or column name: the smaller one for all. */
export const maxNameLength = 48;
const nameShape = /^[A-Za-z][A-Za-z0-9_]*$/;
/** A pipeline's name stands in topic names only. */
export const pipelineNameShape = /^[A-Za-z][A-Za-z0-9_-]*$/;

/** Names of stages and columns. Those that every object of JavaScript has would be found where nobody wrote them. */
export function checkName(path: string, name: string, report: Report, shape = nameShape): void {
  if (!shape.test(name) || name.length > maxNameLength)
    report(
      path,
      `"${name}" is not a name: a letter, then letters, digits or "_", at most ${maxNameLength} in all`,
    );
  else if (name in Object.prototype) report(path, `"${name}" is a name that every object has: rename it`);
}

/** Tables of SQL and Cassandra do not tell upper from lower case. */
export function checkDistinct(path: string, names: readonly string[], report: Report): void {
  const seen = new Map<string, string>();
  for (const name of names) {
    const other = seen.get(name.toLowerCase());
    if (other === name) report(path, `"${name}" is there twice: rename one`);
    else if (other !== undefined)
      report(path, `"${name}" and "${other}" differ in upper and lower case only: rename one`);
    seen.set(name.toLowerCase(), name);
  }
}

export function checkDuration(path: string, value: number | undefined, report: Report): void {
  if (value !== undefined && !(Number.isSafeInteger(value) && value >= 0))
    report(path, `${value} is not a number of milliseconds ≥ 0`);
}
