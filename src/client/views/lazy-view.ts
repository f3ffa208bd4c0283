/**
 * A plain view whose members are getters: what costs something to convert is converted when it is asked for. Written as JSON, or
 * to a console, it shows them all.
 */
export abstract class LazyView {
  /** Every getter with its value. */
  toJSON(): Record<string, unknown> {
    return Object.fromEntries(getterNames(this).map((name) => [name, Reflect.get(this, name)]));
  }

  [Symbol.for("nodejs.util.inspect.custom")](): unknown {
    return this.toJSON();
  }
}

function getterNames(view: LazyView): string[] {
  const names: string[] = [];
  for (let each = Object.getPrototypeOf(view); each !== LazyView.prototype; each = Object.getPrototypeOf(each)) {
    const members = Object.entries(Object.getOwnPropertyDescriptors(each));
    names.unshift(...members.flatMap(([name, { get }]) => (get === undefined ? [] : [name])));
  }
  return names;
}
