import type { desktop } from '../../lib/api';

/** usualBasis finds the legal basis that a text such as "Informação Pessoal (Art. 31…)" names; the longest name wins. */
export function usualBasis(bases: readonly desktop.Choice[], named: string): desktop.Choice | undefined {
  return bases.filter((b) => named.startsWith(b.name)).sort((a, b) => b.name.length - a.name.length)[0];
}
