/** fold takes accents and case away, so that "oficio" finds "Ofício". */
export function fold(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase();
}

/**
 * rank orders items by how well they answer a query: those whose text begins with
 * it, then those with words that begin with every word of it, then those that
 * contain it; the rest is left out. Equal ones keep their order.
 */
export function rank<T>(items: readonly T[], query: string, text: (item: T) => string, limit = 50): T[] {
  const wanted = fold(query.trim());
  if (!wanted) return items.slice(0, limit);
  const words = wanted.split(/\s+/);
  const best: T[][] = [[], [], []];
  for (const item of items) {
    const have = fold(text(item));
    const parts = have.split(/[^\p{L}\p{N}]+/u);
    if (have.startsWith(wanted)) best[0]?.push(item);
    else if (words.every((w) => parts.some((p) => p.startsWith(w)))) best[1]?.push(item);
    else if (words.every((w) => have.includes(w))) best[2]?.push(item);
  }
  return best.flat().slice(0, limit);
}
