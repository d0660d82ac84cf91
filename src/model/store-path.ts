/**
 * Characters of a path that MLflow may read as something else in sqlite:///PATH, or in the place of an
 * artifact: "?" begins a query, "#" a fragment; "%" begins an escape for SQLAlchemy 2.1 and for MLflow's
 * artifacts, and is itself for SQLAlchemy 2.0 and older. All others name the same file for everybody.
 */
const READ_DIFFERENTLY = ["%", "?", "#"];

/** Which of these characters the path has; undefined when every MLflow finds the same file there. */
export function ambiguousCharacter(path: string): string | undefined {
  return READ_DIFFERENTLY.find((character) => path.includes(character));
}
