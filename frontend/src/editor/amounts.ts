/** The largest sum that a document holds, in cents (internal/richtext.MaxCents). */
const MAX_CENTS = 99_999_999_999_999;

/** figures writes cents as "R$ 1.234,56". */
export function figures(cents: number): string {
  return new Intl.NumberFormat('pt-BR', { style: 'currency', currency: 'BRL' }).format(cents / 100);
}

/** centsOf reads a sum as it is typed: 1234,56, 1.234,56, R$ 1.234; null for what is none. */
export function centsOf(typed: string): number | null {
  const text = typed.trim().replace(/^R\$\s*/i, '');
  const parts = /^(\d{1,3}(?:\.\d{3})+|\d+)(?:,(\d{1,2}))?$/.exec(text);
  if (!parts) return null;
  const cents = Number(parts[1]!.replaceAll('.', '')) * 100 + Number((parts[2] ?? '').padEnd(2, '0'));
  return cents <= MAX_CENTS ? cents : null;
}
