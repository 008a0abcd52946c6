// Invented people, units and processes for the desk in memory.
const at = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

/** A small PDF with two pages, so that the viewer has something to show. */
export const pdfUrl = '/sample.pdf';

const yes = { allowed: true, reason: '' };
const no = (reason: string) => ({ allowed: false, reason });

export const units = [
  { id: 'u1', acronym: 'SPGG/DGP', name: 'Departamento de Gestão de Pessoas', agency: 'SPGG', agencyId: 'SPGG', profiles: ['Básico'], receives: true },
  { id: 'u2', acronym: 'SPGG/GAB', name: 'Gabinete', agency: 'SPGG', agencyId: 'SPGG', profiles: ['Básico', 'Protocolo'], receives: true },
  { id: 'u3', acronym: 'SES/DA', name: 'Divisão de Administração', agency: 'SES', agencyId: 'SES', profiles: [], receives: true },
  { id: 'u4', acronym: 'SEFAZ/TE', name: 'Tesouro do Estado', agency: 'SEFAZ', agencyId: 'SEFAZ', profiles: [], receives: true },
];

export const processTypes = [
  { id: 1, name: 'Pessoal: Férias', levels: [0, 1], suggestLevel: 0, suggestBasis: 0, subjects: [{ id: 1, name: '024.2 Férias', detail: '' }], used: true },
  { id: 2, name: 'Licitação: Pregão Eletrônico', levels: [0, 1], suggestLevel: 1, suggestBasis: 2, subjects: [{ id: 2, name: '033.1 Aquisição de material', detail: '' }], used: false },
  { id: 3, name: 'Acesso à Informação: Demanda do e-SIC', levels: [0], suggestLevel: 0, suggestBasis: 0, subjects: [], used: false },
];

export const documentTypes = [
  { id: 1, name: 'Despacho', numbering: 'none', recipient: false, interested: false, minLevel: '', used: true },
  { id: 2, name: 'Ofício', numbering: 'automatic', recipient: true, interested: true, minLevel: '', used: false },
  { id: 3, name: 'Portaria', numbering: 'informed', recipient: false, interested: false, minLevel: '', used: false },
];

const types = ['Pessoal: Férias', 'Licitação: Pregão Eletrônico', 'Pessoal: Licença para Tratamento de Saúde', 'Patrimônio: Gestão de Bens Móveis', 'Finanças: Prestação de Contas de Suprimento de Fundos', 'Acesso à Informação: Demanda do e-SIC'];
const texts = ['Férias de março', 'Aquisição de papel A4 para o almoxarifado central', 'Licença de 15 dias', 'Transferência de mobiliário da sala 302', 'Suprimento de fundos 2026/11', 'Pedido sobre contratos de manutenção predial', ''];
const people = ['Maria Antônia de Oliveira', 'Comercial Pampa Ltda.', 'João Batista Ferreira', 'Helena Duarte'];
const pick = <T>(list: readonly T[], i: number): T => list[i % list.length] as T;

export function inboxLines(count: number) {
  return Array.from({ length: count }, (_, i) => ({
    column: i % 4 === 3 ? 'generated' : 'received',
    id: i === 0 ? 'p1' : `p${i + 1}`,
    number: i === 3 ? 'Local 2F-7K (a autuar)' : `43.021007.${String(10_123 - i).padStart(6, '0')}/2026-${String((i * 37) % 97).padStart(2, '0')}`,
    official: i !== 3,
    type: pick(types, i),
    specification: pick(texts, i),
    level: i % 7 === 2 ? 1 : 0,
    levelName: i % 7 === 2 ? 'Restrito' : 'Público',
    received: i % 9 > 1,
    assigned: i % 5 === 0 ? 'Ana Souza' : i % 5 === 1 ? 'Diego Alves' : '',
    assignedTo: i % 5 === 0 ? 'me' : '',
    from: pick(['SES/DA', 'SEFAZ/TE', 'SPGG/GAB'], i),
    since: at(i * 13),
    lastEventAt: at(i * 11),
    interested: [pick(people, i)],
    documents: i % 12,
    queue: i === 0 || i === 3 ? 'queued' : i === 5 ? 'refused' : '',
    queueText: 'Enviar processo para SES/DA',
  }));
}

const signature = (name: string, verdict = 'valid') => ({
  id: name, name, position: 'Chefe de Divisão', agency: 'SPGG', method: 'token', methodName: 'Certificado digital', level: 'qualified', levelName: 'Qualificada', legalBasis: 'art. 4º da Lei nº 14.063/2020',
  at: at(300), declaredAt: at(301), queued: false, verdict, verdictName: verdict === 'valid' ? 'válida' : 'indeterminada', reasons: verdict === 'valid' ? [] : ['A lista de revogação não pôde ser consultada.'], evidenceUrl: pdfUrl,
});

function document(i: number, over: Record<string, unknown>) {
  return {
    id: `d${i}`, process: 'p1', kind: 'internal', seiNumber: String(120 + i).padStart(7, '0'), title: 'Despacho', type: 'Despacho', typeId: 1, treeName: '', description: '', level: 0, levelName: 'Público', state: 'registered', minute: false, pen: '',
    signatures: [] as unknown[], acks: [] as unknown[], cancelled: false, unit: 'SPGG/DGP', addedBy: 'Ana Souza', addedAt: at(3000 - i), contentUrl: pdfUrl, mime: 'application/pdf', unavailable: '', editingBy: '', sides: 0,
    can: { edit: yes, sign: yes, signPassword: no('Sem conexão.'), acknowledge: no('O documento ainda não está assinado.') },
    ...over,
  };
}

export function processes(id: string) {
  const large = Number(id.slice(1)) % 5 === 2;
  const documents = [
    document(1, { title: 'Requerimento de Férias', pen: 'black', signatures: [signature('Maria Antônia de Oliveira')], acks: [{ name: 'Carla Reis', unit: 'SES/DA', at: at(90) }], can: { edit: no('Caneta preta: o documento não pode mais ser alterado.'), sign: yes, signPassword: no('Sem conexão.'), acknowledge: yes }, verification: { code: '0000121', crc: '64ADCB9D', url: '' } }),
    document(2, { title: 'Informação 4', pen: 'yellow', signatures: [signature('Ana Souza'), signature('Diego Alves', 'indeterminate')] }),
    document(3, { title: 'Despacho', minute: true, editingBy: 'Diego Alves', sides: 1 }),
    document(4, { kind: 'external', title: 'Atestado médico', treeName: 'original', level: 1, levelName: 'Restrito', file: { name: 'atestado.pdf', size: 421332, mime: 'application/pdf', sha256: 'ab12'.repeat(16), date: '2026-11-20', format: 'digitalizado', conference: 'Cópia Simples', sender: 'Clínica Vida' }, can: { sign: yes, acknowledge: yes } }),
    document(5, { title: 'Ofício', state: 'queued', minute: true, contentUrl: '' }),
    document(6, { title: 'Memorando 7', cancelled: true, contentUrl: '', unavailable: 'O documento foi cancelado: incluído em duplicidade.' }),
    ...(large ? Array.from({ length: 50 }, (_, i) => document(i + 7, { title: `Folha de ponto ${i + 1}`, pen: 'black', signatures: [signature('Ana Souza')] })) : []),
  ];
  const unit = { id: 'u1', acronym: 'SPGG/DGP', name: 'Departamento de Gestão de Pessoas', agency: 'SPGG', open: true, received: true, assigned: 'Ana Souza', assignedTo: 'me', since: at(5000) };
  return {
    id, number: inboxNumber(id), official: id !== 'p4', type: 'Pessoal: Férias', typeId: 1, specification: 'Férias de março', subjects: ['024.2 Férias'], interested: [{ name: 'Maria Antônia de Oliveira', cpf: '***.533.447-**', cnpj: '' }], level: 1, levelName: 'Restrito', legalBasis: 'Informação Pessoal', generatingUnit: unit, startedAt: at(6000), startedBy: 'Ana Souza', here: unit,
    openIn: [unit, { ...unit, id: 'u3', acronym: 'SES/DA', agency: 'SES', name: 'Divisão de Administração', received: false, assigned: '' }], documents, acks: [], queue: [queue[0]],
    can: { addDocument: yes, registerExternal: yes, send: yes, assign: yes, conclude: yes, reopen: no('O processo está aberto aqui.'), acknowledge: yes, note: yes },
  };
}

const inboxNumber = (id: string) => inboxLines(60).find((l) => l.id === id)?.number ?? `43.021007.${id.slice(1).padStart(6, '0')}/2026-05`;

export const queue = [
  { id: 'q1', title: 'Enviar Processo para SES/DA', process: 'p1', number: '43.021007.010123/2026-00', document: '', state: 'queued', stateName: 'aguardando envio', waiting: 'aguarda a assinatura do documento Despacho 0000124', at: at(12), lastTry: '', nextTry: '', code: '', reason: '', canWithdraw: true, keptUrl: '', keptText: false, withIt: [] },
  { id: 'q2', title: 'Assinar documento', process: 'p1', number: '43.021007.010123/2026-00', document: 'Despacho 0000124', state: 'queued', stateName: 'aguardando envio', waiting: 'aguarda o envio do arquivo despacho.pdf (43 %)', at: at(15), lastTry: at(2), nextTry: at(-1), code: '', reason: '', canWithdraw: true, keptUrl: '', keptText: false, withIt: ['Enviar Processo para SES/DA'] },
];

export const refused = [
  { id: 'q3', title: 'Assinar documento', process: 'p6', number: '43.021007.010118/2026-88', document: 'Ofício 12/2026', state: 'refused', stateName: 'recusado', waiting: '', at: at(2000), code: 'process.closed_here', reason: 'O processo já estava concluído na sua unidade quando a assinatura chegou. Reabra o processo e registre o PDF assinado de novo.', canWithdraw: false, keptUrl: pdfUrl, keptText: true, withIt: [] },
];

export const history = [
  { at: at(0), unit: 'SPGG/DGP', user: 'Ana Souza', text: 'Processo remetido para SES/DA', pending: true, version: 0, hash: '' },
  { at: at(290), unit: 'SPGG/DGP', user: 'Ana Souza', text: 'Assinado documento 0000122 (Informação 4) por Ana Souza', pending: false, version: 5, hash: 'a1b2c3' },
  { at: at(3000), unit: 'SPGG/DGP', user: 'Ana Souza', text: 'Processo recebido na unidade', pending: false, version: 2, hash: 'd4e5f6' },
  { at: at(6000), unit: 'SES/DA', user: 'Bruno Lima', text: 'Processo restrito gerado (Informação Pessoal)', pending: false, version: 1, hash: '778899' },
];
