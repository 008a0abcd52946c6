// CPF and CNPJ as they are typed. The rules that decide are the desk's; these
// only tell the servant early that a digit is missing or swapped.

const digits = (text: string) => text.replace(/[.\-/\s]/g, '').toUpperCase();

function checkDigit(values: readonly number[], weights: readonly number[]): number {
  const rest = values.reduce((sum, v, i) => sum + v * (weights[i] ?? 0), 0) % 11;
  return rest < 2 ? 0 : 11 - rest;
}

/** isCPF tells whether the text is a CPF with right check digits. */
export function isCPF(text: string): boolean {
  const d = digits(text);
  if (!/^\d{11}$/.test(d) || /^(\d)\1+$/.test(d)) return false;
  const v = [...d].map(Number);
  return v[9] === checkDigit(v.slice(0, 9), [10, 9, 8, 7, 6, 5, 4, 3, 2]) && v[10] === checkDigit(v.slice(0, 10), [11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
}

/** isCNPJ tells whether the text is a CNPJ, numeric or alphanumeric, with right check digits. */
export function isCNPJ(text: string): boolean {
  const d = digits(text);
  if (!/^[0-9A-Z]{12}\d{2}$/.test(d) || /^(.)\1+$/.test(d)) return false;
  // Letters count as their ASCII code minus 48 (Nota Técnica COCAD 2024 of the Receita Federal).
  const v = [...d].map((c) => c.charCodeAt(0) - 48);
  const weights = [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2];
  return v[12] === checkDigit(v.slice(0, 12), weights.slice(1)) && v[13] === checkDigit(v.slice(0, 13), weights);
}

/** contactFrom reads "Maria Souza 390.533.447-05" into a name and what identifies it. */
export function contactFrom(text: string): { name: string; cpf: string; cnpj: string } {
  const out = { name: text.trim(), cpf: '', cnpj: '' };
  const m = /^(.*?)[\s,;(–-]*([0-9A-Z]{2}\.?[0-9A-Z]{3}\.?[0-9A-Z]{3}\/?[0-9A-Z]{4}-?\d{2}|\d{3}\.?\d{3}\.?\d{3}-?\d{2})\)?$/i.exec(out.name);
  if (!m?.[1] || !m[2]) return out;
  if (isCPF(m[2])) return { name: m[1].trim(), cpf: digits(m[2]), cnpj: '' };
  if (isCNPJ(m[2])) return { name: m[1].trim(), cpf: '', cnpj: digits(m[2]) };
  return out;
}

/** written puts the usual points into a CPF or CNPJ. */
export function written(id: string): string {
  if (id.length === 11) return id.replace(/(...)(...)(...)(..)/, '$1.$2.$3-$4');
  return id.length === 14 ? id.replace(/(..)(...)(...)(....)(..)/, '$1.$2.$3/$4-$5') : id;
}
