/** The values that were made last, by key; the one unused for longest makes room. */
export class Recent<Key, Value> {
  private readonly values = new Map<Key, Value>();
  private readonly most: number;

  constructor(most: number) {
    this.most = most;
  }

  get(key: Key, make: () => Value): Value {
    let value = this.values.get(key);
    if (value === undefined) {
      value = make();
      if (this.values.size === this.most)
        for (const oldest of this.values.keys()) {
          this.values.delete(oldest);
          break;
        }
    } else this.values.delete(key);
    this.values.set(key, value);
    return value;
  }
}
