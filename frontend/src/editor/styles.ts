// The closed schema's names and limits, the same as internal/richtext's, with
// the words that a servant reads.

/** The version of the document tree that this editor writes. */
export const SCHEMA = 2;

/** Limits of internal/richtext that the editor itself watches. */
export const MAX_COLUMNS = 40;
export const MAX_ALT_BYTES = 500;
export const MAX_HREF = 2048;
export const MAX_IMAGES = 200;

/** A named paragraph style of SEI. */
export interface ParagraphStyle {
  name: string;
  label: string;
  group: string;
}

export const DEFAULT_STYLE = 'Texto_Justificado';

/** SEI's named styles, in the order in which the menu shows them. */
export const STYLES: ParagraphStyle[] = [
  { name: 'Texto_Justificado', label: 'Texto justificado', group: 'Texto' },
  { name: 'Texto_Justificado_Recuo_Primeira_Linha', label: 'Texto justificado com recuo na primeira linha', group: 'Texto' },
  { name: 'Texto_Justificado_Maiusculas', label: 'Texto justificado em maiúsculas', group: 'Texto' },
  { name: 'Texto_Alinhado_Esquerda', label: 'Texto à esquerda', group: 'Texto' },
  { name: 'Texto_Alinhado_Esquerda_Espacamento_Simples', label: 'Texto à esquerda, espaçamento simples', group: 'Texto' },
  { name: 'Texto_Alinhado_Direita', label: 'Texto à direita', group: 'Texto' },
  { name: 'Texto_Centralizado', label: 'Texto centralizado', group: 'Texto' },
  { name: 'Texto_Centralizado_Maiusculas', label: 'Texto centralizado em maiúsculas', group: 'Texto' },
  { name: 'Texto_Centralizado_Maiusculas_Negrito', label: 'Texto centralizado em maiúsculas e negrito', group: 'Texto' },
  { name: 'Citacao', label: 'Citação', group: 'Partes do documento' },
  { name: 'Texto_Ementa', label: 'Ementa', group: 'Partes do documento' },
  { name: 'Assinatura', label: 'Assinatura', group: 'Partes do documento' },
  { name: 'Tabela_Texto_Alinhado_Esquerda', label: 'Tabela: texto à esquerda', group: 'Tabela' },
  { name: 'Tabela_Texto_Centralizado', label: 'Tabela: texto centralizado', group: 'Tabela' },
  { name: 'Tabela_Texto_Alinhado_Direita', label: 'Tabela: texto à direita', group: 'Tabela' },
  { name: 'Paragrafo_Numerado_Nivel1', label: 'Parágrafo numerado 1.', group: 'Numerados' },
  { name: 'Paragrafo_Numerado_Nivel2', label: 'Parágrafo numerado 1.1.', group: 'Numerados' },
  { name: 'Paragrafo_Numerado_Nivel3', label: 'Parágrafo numerado 1.1.1.', group: 'Numerados' },
  { name: 'Paragrafo_Numerado_Nivel4', label: 'Parágrafo numerado 1.1.1.1.', group: 'Numerados' },
  { name: 'Item_Alinea_Letra', label: 'Alínea a)', group: 'Numerados' },
  { name: 'Item_Inciso_Romano', label: 'Inciso I -', group: 'Numerados' },
  { name: 'Norma_Titulo', label: 'Título I', group: 'Ato normativo' },
  { name: 'Norma_Capitulo', label: 'Capítulo I', group: 'Ato normativo' },
  { name: 'Norma_Secao', label: 'Seção I', group: 'Ato normativo' },
  { name: 'Norma_Artigo', label: 'Artigo (Art. 1º)', group: 'Ato normativo' },
  { name: 'Norma_Paragrafo', label: 'Parágrafo (§ 1º, parágrafo único)', group: 'Ato normativo' },
  { name: 'Norma_Inciso', label: 'Inciso (I –)', group: 'Ato normativo' },
  { name: 'Norma_Alinea', label: 'Alínea a)', group: 'Ato normativo' },
  { name: 'Norma_Item', label: 'Item 1.', group: 'Ato normativo' },
];

/** knownStyle says whether the schema has the style. */
export function knownStyle(name: string | null | undefined): name is string {
  return STYLES.some((s) => s.name === name);
}

/** A place in the text that the system fills in when the document is frozen. */
export interface FieldKind {
  name: string;
  label: string;
}

/** The fields of the schema, as internal/richtext.FieldKinds lists them. */
export const FIELDS: FieldKind[] = [
  { name: 'processo', label: 'Número do processo' },
  { name: 'tipo_processo', label: 'Tipo do processo' },
  { name: 'especificacao', label: 'Especificação do processo' },
  { name: 'interessados', label: 'Interessados' },
  { name: 'destinatarios', label: 'Destinatários' },
  { name: 'documento', label: 'Número SEI do documento' },
  { name: 'tipo_documento', label: 'Tipo do documento' },
  { name: 'numero_documento', label: 'Número do documento' },
  { name: 'unidade', label: 'Nome da unidade' },
  { name: 'sigla_unidade', label: 'Sigla da unidade' },
  { name: 'orgao', label: 'Nome do órgão' },
  { name: 'sigla_orgao', label: 'Sigla do órgão' },
  { name: 'cidade', label: 'Cidade' },
  { name: 'data', label: 'Data' },
  { name: 'data_extenso', label: 'Data por extenso' },
  { name: 'dia', label: 'Dia' },
  { name: 'mes_extenso', label: 'Mês por extenso' },
  { name: 'ano', label: 'Ano' },
  { name: 'assuntos', label: 'Assuntos' },
  { name: 'descricao', label: 'Descrição do documento' },
  { name: 'hierarquia_unidade', label: 'Unidade e as suas superiores' },
  { name: 'destinatario_nome', label: 'Nome do destinatário' },
  { name: 'destinatario_cargo', label: 'Cargo do destinatário' },
  { name: 'destinatario_tratamento', label: 'Forma de tratamento do destinatário' },
  { name: 'destinatario_vocativo', label: 'Vocativo do destinatário' },
];

/** fieldLabel is what a servant calls the field, or its name when it is unknown. */
export function fieldLabel(name: string): string {
  return FIELDS.find((f) => f.name === name)?.label ?? name;
}

/** knownField says whether the schema has the field. */
export function knownField(name: string): boolean {
  return FIELDS.some((f) => f.name === name);
}

/**
 * safeHref gives the address as the schema accepts it (http, https or mailto,
 * ASCII), completing "www." and mail addresses, or "" when it cannot be a link.
 */
export function safeHref(typed: string): string {
  let text = typed.trim();
  if (/^www\./i.test(text)) text = 'https://' + text;
  if (/^[^\s@/:]+@[^\s@/:]+\.[^\s@/:]+$/.test(text)) text = 'mailto:' + text;
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return '';
  }
  if (!['http:', 'https:', 'mailto:'].includes(url.protocol)) return '';
  if (url.protocol !== 'mailto:' && url.hostname === '') return '';
  if (url.protocol === 'mailto:' && url.pathname === '') return '';
  const href = url.href.replaceAll('\\', '%5C');
  return href.length <= MAX_HREF && /^[!-~]+$/.test(href) ? href : '';
}
