// How times, sizes and names are written. The central's time zone is the legal
// one, whatever this computer says.
const zone = 'America/Sao_Paulo';

const dayFormat = new Intl.DateTimeFormat('pt-BR', { timeZone: zone, day: '2-digit', month: '2-digit', year: 'numeric' });
const timeFormat = new Intl.DateTimeFormat('pt-BR', { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

/** Bindings give time.Time as any; it is an RFC 3339 text. */
export type Instant = string | Date | null | undefined;

function parse(at: Instant): Date | null {
  if (!at) return null;
  const date = at instanceof Date ? at : new Date(at);
  // Go's zero time stands for "never".
  return Number.isNaN(date.getTime()) || date.getUTCFullYear() <= 1 ? null : date;
}

/** isSet tells whether a time is more than Go's zero time. */
export function isSet(at: Instant): boolean {
  return parse(at) !== null;
}

/** day writes "23/11/2026", or "" for no time. */
export function day(at: Instant): string {
  const date = parse(at);
  return date ? dayFormat.format(date) : '';
}

/** clock writes "09:41". */
export function clock(at: Instant): string {
  const date = parse(at);
  return date ? timeFormat.format(date) : '';
}

/** moment writes "23/11/2026 09:41". */
export function moment(at: Instant): string {
  const date = parse(at);
  return date ? `${dayFormat.format(date)} ${timeFormat.format(date)}` : '';
}

/** recent writes "hoje 09:41", "ontem 18:02" or "21/11/2026". */
export function recent(at: Instant, now: Date = new Date()): string {
  const date = parse(at);
  if (!date) return '';
  const when = dayFormat.format(date);
  if (when === dayFormat.format(now)) return `hoje ${timeFormat.format(date)}`;
  if (when === dayFormat.format(new Date(now.getTime() - 86_400_000))) return `ontem ${timeFormat.format(date)}`;
  return when;
}

/** plainDay writes a date without time, "2026-11-23", as "23/11/2026". */
export function plainDay(text: string): string {
  const m = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  return m ? `${m[3]}/${m[2]}/${m[1]}` : text;
}

/** today is the date in the legal time zone, as "2026-11-23". */
export function today(now: Date = new Date()): string {
  return dayFormat.format(now).split('/').reverse().join('-');
}

/** bytes writes "1,4 MB". */
export function bytes(count: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB'];
  let value = count;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toLocaleString('pt-BR', { maximumFractionDigits: digits })} ${units[unit]}`;
}

/** plural writes "1 documento", "3 documentos"; thousands have a point. */
export function plural(count: number, one: string, many: string): string {
  return `${count.toLocaleString('pt-BR')} ${count === 1 ? one : many}`;
}
