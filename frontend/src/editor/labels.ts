// The numbers that paragraphs carry by their style and the names by which references
// call them: the rules of internal/richtext.Labels, so that the text renumbers itself
// while one types. Both are held to the same cases (testdata/labels.json).

/** A paragraph or heading, as far as numbering asks. */
export interface Place {
  style: string;
}

/** What a paragraph carries: printed before it, and called by a reference. */
export interface Label {
  label: string;
  name: string;
}

const LEVELS = ['Paragrafo_Numerado_Nivel1', 'Paragrafo_Numerado_Nivel2', 'Paragrafo_Numerado_Nivel3', 'Paragrafo_Numerado_Nivel4'];
const ENDS_ARTICLE = new Set(['Norma_Artigo', 'Norma_Titulo', 'Norma_Capitulo', 'Norma_Secao']);

/** labels numbers the paragraphs of a document, given in reading order. */
export function labels(places: Place[]): Label[] {
  const c = new Counter();
  return places.map((p, i) => c.norm(p.style, () => anotherParagraph(places, i)) ?? c.sei(p.style));
}

/** anotherParagraph says whether the article goes on with a second paragraph. */
function anotherParagraph(places: Place[], at: number): boolean {
  for (let i = at + 1; i < places.length; i++) {
    const style = places[i]!.style;
    if (style === 'Norma_Paragrafo') return true;
    if (ENDS_ARTICLE.has(style)) return false;
  }
  return false;
}

class Counter {
  #levels = [0, 0, 0, 0];
  #letter = 0;
  #roman = 0;
  #title = 0;
  #chapter = 0;
  #section = 0;
  #article = 0;
  #paragraph = 0;
  #inciso = 0;
  #alinea = 0;
  #item = 0;
  #only = false;

  /** sei numbers SEI's own styles. */
  sei(style: string): Label {
    const n = LEVELS.indexOf(style);
    if (n >= 0) {
      this.#letter = this.#roman = 0;
      this.#levels = this.#levels.map((v, i) => (i < n ? v : i === n ? v + 1 : 0));
      const label = this.#levels.slice(0, n + 1).map((v) => Math.max(v, 1)).join('.');
      return { label: label + '.', name: label };
    }
    if (style === 'Item_Alinea_Letra') {
      const name = letters(++this.#letter);
      return { label: name + ')', name };
    }
    if (style === 'Item_Inciso_Romano') {
      this.#letter = 0;
      const name = roman(++this.#roman);
      return { label: name + ' –', name };
    }
    this.#letter = this.#roman = 0;
    return { label: '', name: '' };
  }

  /** norm numbers the parts of a normative act; undefined for other styles. */
  norm(style: string, another: () => boolean): Label | undefined {
    switch (style) {
      case 'Norma_Titulo':
        this.#title++;
        this.#chapter = this.#section = 0;
        return { label: 'TÍTULO ' + roman(this.#title), name: 'título ' + roman(this.#title) };
      case 'Norma_Capitulo':
        this.#chapter++;
        this.#section = 0;
        return { label: 'CAPÍTULO ' + roman(this.#chapter), name: 'capítulo ' + roman(this.#chapter) };
      case 'Norma_Secao':
        this.#section++;
        return { label: 'Seção ' + roman(this.#section), name: 'seção ' + roman(this.#section) };
      case 'Norma_Artigo':
        this.#article++;
        this.#paragraph = this.#inciso = this.#alinea = this.#item = 0;
        this.#only = false;
        return { label: 'Art. ' + ordinalTo9(this.#article, '.'), name: this.#place() };
      case 'Norma_Paragrafo':
        this.#paragraph++;
        this.#inciso = this.#alinea = this.#item = 0;
        this.#only = this.#paragraph === 1 && !another();
        return { label: this.#only ? 'Parágrafo único.' : '§ ' + ordinalTo9(this.#paragraph, '.'), name: this.#place() };
      case 'Norma_Inciso':
        this.#inciso++;
        this.#alinea = this.#item = 0;
        return { label: roman(this.#inciso) + ' –', name: this.#place() };
      case 'Norma_Alinea':
        this.#alinea++;
        this.#item = 0;
        return { label: letters(this.#alinea) + ')', name: this.#place() };
      case 'Norma_Item':
        this.#item++;
        return { label: `${this.#item}.`, name: this.#place() };
    }
    return undefined;
  }

  #place(): string {
    const parts: string[] = [];
    if (this.#article) parts.push('art. ' + ordinalTo9(this.#article, ''));
    if (this.#paragraph) parts.push(this.#only ? 'parágrafo único' : '§ ' + ordinalTo9(this.#paragraph, ''));
    if (this.#inciso) parts.push('inciso ' + roman(this.#inciso));
    if (this.#alinea) parts.push(`alínea “${letters(this.#alinea)}”`);
    if (this.#item) parts.push(`item ${this.#item}`);
    return parts.join(', ');
  }
}

function ordinalTo9(n: number, after: string): string {
  return n < 10 ? `${n}º` : `${n}${after}`;
}

function letters(n: number): string {
  let out = '';
  for (let rest = n; rest > 0; rest = Math.floor((rest - 1) / 26)) out = String.fromCharCode(97 + ((rest - 1) % 26)) + out;
  return out;
}

function roman(n: number): string {
  if (n < 1 || n > 3999) return String(n);
  let out = '';
  let rest = n;
  for (const [value, sign] of [[1000, 'M'], [900, 'CM'], [500, 'D'], [400, 'CD'], [100, 'C'], [90, 'XC'], [50, 'L'], [40, 'XL'], [10, 'X'], [9, 'IX'], [5, 'V'], [4, 'IV'], [1, 'I']] as const) {
    for (; rest >= value; rest -= value) out += sign;
  }
  return out;
}
