// Dates as they are typed: dd/mm/aaaa, whatever the language of the system.

/** typedDay reads "5/3/2026", "05032026" or "05/03/26" as "2026-03-05"; "" when it is no day of the calendar. */
export function typedDay(text: string): string {
  const m = /^(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4}|\d{2})$/.exec(text.trim()) ?? /^(\d{2})(\d{2})(\d{4})$/.exec(text.trim());
  if (!m?.[1] || !m[2] || !m[3]) return '';
  const [day, month, year] = [Number(m[1]), Number(m[2]), m[3].length === 2 ? 2000 + Number(m[3]) : Number(m[3])];
  const date = new Date(Date.UTC(year, month - 1, day));
  const real = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return real && year >= 1800 ? date.toISOString().slice(0, 10) : '';
}

/** slashed puts the strokes into digits as they are typed: "0503" is "05/03". */
export function slashed(text: string): string {
  if (/[^\d/]/.test(text)) return text;
  const parts = text.split('/');
  if (parts.length > 1) return text.slice(0, 10);
  const d = text.slice(0, 8);
  return [d.slice(0, 2), d.slice(2, 4), d.slice(4)].filter(Boolean).join('/');
}
