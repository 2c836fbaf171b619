type Child = Node | string;

/** An element with a class and children. Text becomes text nodes: nothing of the data is ever markup. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className: string,
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  if (className !== '') made.className = className;
  made.append(...children);
  return made;
}

/** A link within the page, made of names and values. */
export function hashLink(state: Readonly<Record<string, string>>, text: string): HTMLAnchorElement {
  const link = element('a', '', text);
  link.href = `#${new URLSearchParams(state)}`;
  return link;
}

/** `1,342 calls`, `1 call` */
export function plural(count: number, one: string): string {
  return `${figure(count)} ${one}${count === 1 ? '' : 's'}`;
}

export function figure(count: number): string {
  return count.toLocaleString('en-US');
}

/** The names with commas, each a node of its own. */
export function listed(items: readonly Child[]): Child[] {
  return items.flatMap((item, index) => (index === 0 ? [item] : [', ', item]));
}
