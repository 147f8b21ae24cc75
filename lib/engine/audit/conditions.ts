/** The values of one statement, and the conditions that name them by their number. */
export class Conditions {
  readonly values: unknown[] = [];

  /** A place for this value. */
  value(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }

  is(column: string, value: unknown, type = "text"): string {
    return `${column} = ${this.value(value)}::${type}`;
  }

  every(conditions: Iterable<string>): string {
    return [...conditions].join(" and ") || "true";
  }
}
