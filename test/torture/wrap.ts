/** How the torture gets between a program and its own code: methods that are put in the place of others. */

export type Method = (this: object, ...values: never[]) => unknown;

/** Puts a method in the place of another one, which it gets first. */
export function wrap(owner: object, name: string, around: (original: Method) => Method): void {
  const original = Reflect.get(owner, name) as Method | undefined;
  if (typeof original !== "function") throw new Error(`there is no ${name} to wrap`);
  Reflect.set(owner, name, around(original));
}

/** Puts a getter in the place of another one. */
export function wrapGetter<Value>(
  owner: object,
  name: string,
  around: (original: (this: object) => Value) => (this: object) => Value,
): void {
  const original = Object.getOwnPropertyDescriptor(owner, name)?.get;
  if (!original) throw new Error(`there is no ${name} to wrap`);
  Object.defineProperty(owner, name, { get: around(original as (this: object) => Value) });
}
