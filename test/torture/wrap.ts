/** How the torture gets between a program and its own code: methods that are put in the place of others. */

export type Method = (this: object, ...values: never[]) => unknown;

/** Puts a method in the place of another one, which it gets first. */
export function wrap(owner: object, name: string, around: (original: Method) => Method): void {
  const original = Reflect.get(owner, name) as Method | undefined;
  if (typeof original !== "function") throw new Error(`there is no ${name} to wrap`);
  Reflect.set(owner, name, around(original));
}

/** Puts a getter in the place of another one, which it gets first. */
export function wrapGetter<Value>(
  owner: object,
  name: string,
  around: (read: (self: object) => Value) => (self: object) => Value,
): void {
  const found = Object.getOwnPropertyDescriptor(owner, name);
  if (!found?.get) throw new Error(`there is no ${name} to wrap`);
  const read = around((self) => found.get?.call(self) as Value);
  Object.defineProperty(owner, name, {
    get(this: object) {
      return read(this);
    },
  });
}
