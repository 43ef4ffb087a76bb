/**
 * Attributes for the groups of an SVG whose layout engine knows only classes: each group is given a class of its own,
 * which is replaced by the attributes once the drawing is made.
 */

export type Attributes = Readonly<Record<string, string>>;

const MARK = / at(\d+)(?=[ "])/;

export class Marks {
  readonly #marks: Attributes[] = [];

  /** The class that stands for these attributes. */
  add(attributes: Attributes): string {
    return `at${this.#marks.push(attributes) - 1}`;
  }

  /** @throws {Error} what was to be marked is not a group of the drawing */
  applied(svg: string): string {
    const missing = new Set(this.#marks.keys());
    const marked = svg.replaceAll(/<g id="[^"]*" class="[^"]*">/g, group => {
      const [mark, number] = MARK.exec(group) ?? [];
      if (mark === undefined) return group;
      missing.delete(Number(number));

      const attributes = Object.entries(this.#marks[Number(number)] ?? {});
      const text = attributes.map(([name, value]) => ` ${name}="${escaped(value)}"`).join('');
      return `${group.replace(mark, '').slice(0, -1)}${text}>`;
    });
    const [first] = missing;
    if (first === undefined) return marked;
    throw new Error(`The drawing has no group for ${JSON.stringify(this.#marks[first])}`);
  }
}

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
