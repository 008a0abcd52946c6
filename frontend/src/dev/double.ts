// A desk in memory for `vite --mode double`: to look at the window with rich data
// and 10,000 lines. It is never part of the product build, and no rule lives here.
import { processes, inboxLines, history, documentTypes, processTypes, units, queue, refused, pdfUrl } from './data';

const at = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
let phase = new URLSearchParams(location.search).get('phase') ?? 'ready';
let unit = 'u1';
let preferences: unknown = { theme: new URLSearchParams(location.search).get('theme') ?? 'light', density: 'compact', treeWidth: 300, openTabs: [], split: false, inboxView: 'columns' };
const lines = inboxLines(Number(new URLSearchParams(location.search).get('lines') ?? 10_000));
const fold = (t: string) => t.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
const done = (document = '') => ({ id: 'q9', process: 'p1', document, message: 'Aguardando envio: será protocolado quando houver conexão.', warning: '' });

const session = () => ({
  phase,
  central: {
    url: 'http://127.0.0.1:8123', name: 'SEI RS — demonstração', version: '0.1.0', training: true, reachable: phase !== 'locked', publicUrl: '', maxFileBytes: 200 << 20,
    agencies: ['SPGG', 'SES', 'SEFAZ'].map((a) => ({ id: a, acronym: a, name: { SPGG: 'Planejamento, Governança e Gestão', SES: 'Saúde', SEFAZ: 'Fazenda' }[a] })),
    demoUsers: [
      { agency: 'SPGG', login: 'ana.souza', password: 'demo-ana', name: 'Ana Souza', unit: 'SPGG/DGP', role: 'Básico' },
      { agency: 'SES', login: 'bruno.lima', password: 'demo-bruno', name: 'Bruno Lima', unit: 'SES/DA', role: 'Básico' },
      { agency: 'SES', login: 'carla.reis', password: 'demo-carla', name: 'Carla Reis', unit: 'SES/DA', role: 'Chefe da unidade' },
    ],
  },
  user: { id: 'me', login: 'ana.souza', name: 'Ana Souza', agency: 'SPGG', agencyId: 'SPGG', mustChangePassword: false },
  units: units.slice(0, 2),
  unit,
  accounts: phase === 'locked' ? [{ agency: 'SPGG', login: 'ana.souza', name: 'Ana Souza', lastLogin: at(900), offlineUntil: at(-9000) }, { agency: 'SES', login: 'carla.reis', name: 'Carla Reis', lastLogin: at(4000), offlineUntil: at(-9000) }] : [],
});

const areas: Record<string, Record<string, (...args: never[]) => unknown>> = {
  Session: {
    State: session,
    Status: () => ({ phase: new URLSearchParams(location.search).get('net') ?? 'offline', text: 'Sem conexão: o trabalho continua neste computador', since: at(22), lastSync: at(25), queued: 2, sending: 0, refused: 1, intake: 3, token: 'SafeSign', done: 0, total: 0 }),
    Connect: () => ((phase = 'login'), session().central),
    Login: () => ((phase = 'ready'), session()),
    Unlock: () => ((phase = 'ready'), session()),
    Lock: () => ((phase = 'locked'), session()),
    Logout: () => ((phase = 'login'), session()),
    Renew: session,
    ChangePassword: () => undefined,
    SwitchUnit: (u: string) => ((unit = u), session()),
    SyncNow: () => undefined,
    About: () => ({ version: '0.1.0', checks: [{ name: 'Central', level: 'ok', detail: 'Respondeu em 12 ms.' }, { name: 'Disco', level: 'warning', detail: 'O disco não está cifrado: peça ao suporte para ativar o BitLocker.' }, { name: 'Token', level: 'problem', detail: 'Nenhum módulo PKCS#11 encontrado.' }] }),
    Preferences: () => preferences,
    SavePreferences: (p: unknown) => void (preferences = p),
  },
  Inbox: {
    List: (q: { column: string; mine: boolean; text: string; sort: string; offset: number; limit: number }) => {
      const found = lines.filter((l) => l.column === q.column && (!q.mine || l.assignedTo === 'me') && fold(`${l.number} ${l.type} ${l.specification} ${l.interested.join(' ')}`).includes(fold(q.text)));
      if (q.sort === 'oldest') found.reverse();
      return { total: found.length, lines: found.slice(q.offset, q.offset + q.limit) };
    },
    Counts: () => ({ received: lines.filter((l) => l.column === 'received').length, notReceived: lines.filter((l) => l.column === 'received' && !l.received).length, generated: lines.filter((l) => l.column === 'generated').length, mine: 12, refused: 1, queued: 2, intake: 3, drafts: 0 }),
  },
  Processes: {
    Open: (id: string) => processes(id), Get: (id: string) => processes(id), History: () => history, Start: () => done(), Send: () => done(), Assign: () => done(), Conclude: () => done(), Reopen: () => done(), Acknowledge: () => done(), NoteProgress: () => done(),
    SendPreview: () => ({ minutes: ['Despacho (0000124)'], visible: ['Requerimento de Férias (0000121)', 'Informação 4 (0000122)', 'Atestado médico (0000123)'], warnings: [] }),
  },
  Documents: {
    AddInternal: () => done('d3'), RegisterExternal: () => done('d4'), StageRefused: () => ({ id: 's1', name: 'oficio.pdf', size: 83122, mime: 'application/pdf', sha256: '', pages: 2, url: pdfUrl, signatures: [] }),
    Edit: () => ({ document: processes('p1').documents[2], text: '{"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"À Divisão de Administração, para ciência."}]}]}', base: 'r1', unsaved: false, sides: [], fields: {} }),
    Autosave: () => undefined, Save: () => ({ base: 'r2', queued: true, message: '' }), Discard: () => undefined, Preview: () => ({ url: pdfUrl, pages: 1, sha256: '', problems: [] }), Revisions: () => [], RevisionText: () => '', Compare: () => [], InsertImage: () => '',
  },
  Files: { Pick: () => [], StagePaths: () => [], Unstage: () => undefined, SaveAs: () => true },
  Signing: {
    Prepare: () => ({ items: [{ document: 'd3', title: 'Despacho', seiNumber: '0000124', processId: 'p1', type: 5, atEnd: true, mime: 'application/pdf', stamp: { mode: 'end', page: 0, left: 0, bottom: 0, right: 0, top: 0, anchor: '' }, process: '43.021007.000123/2026-05', previewUrl: pdfUrl, sha256: 'ab', pages: 1, problems: [] }], agencies: session().central.agencies, agency: 'SPGG', positions: ['Analista', 'Chefe de Divisão'], position: 'Analista', signer: 'Ana Souza', password: { allowed: false, reason: 'A assinatura com senha precisa de conexão.' } }),
    Certificates: () => ({ certificates: [], problems: [] }), AddPFX: () => ({ certificates: [], problems: [] }), Check: () => ({ findings: [], level: 'simple', levelName: 'simples' }), ToSign: () => ({ lines: [], more: false }), Unfinished: () => [], Dismiss: () => undefined, Cancel: () => undefined, Batch: () => undefined, Sign: () => undefined, SignWithPassword: () => undefined, Forget: () => undefined, Verify: () => [],
  },
  Outbox: { List: () => queue, Refused: () => refused, Withdrawn: () => refused.map((e) => ({ ...e, id: 'q4', state: 'withdrawn', stateName: 'retirado', code: '', reason: '' })), Withdraw: () => undefined, Dismiss: () => undefined },
  Intake: {
    State: () => ({ folder: 'C:\\Digitalizados', problem: '', items: [{ id: 'i1', name: 'nota fiscal 4411.pdf', size: 421_332, at: at(8), state: 'waiting', reason: '', url: pdfUrl }, { id: 'i2', name: 'laudo.pdf', size: 8_421_332, at: at(1), state: 'incoming', reason: '', url: '' }, { id: 'i3', name: 'planilha.pdf', size: 1332, at: at(60), state: 'rejected', reason: 'O arquivo não é um PDF, embora o nome diga que é.', url: '' }] }),
    Choose: () => areas.Intake?.State?.(), PickFolder: () => areas.Intake?.State?.(), Stage: () => ({ id: 's1', name: 'nota fiscal 4411.pdf', size: 421332, mime: 'application/pdf', sha256: '', pages: 2, url: pdfUrl, signatures: [] }),
  },
  Search: {
    Local: (q: string) => lines.filter((l) => fold(`${l.number} ${l.type} ${l.specification}`).includes(fold(q))).slice(0, 8).map((l, i) => ({ process: l.id, document: i % 3 === 1 ? 'd1' : '', number: l.number, title: l.type, detail: l.specification, snippet: i % 3 === 1 ? `…solicita \u2068${q}\u2069 conforme o art. 12 do regulamento…` : '', remote: false })),
    Central: () => { throw { code: 'unavailable', message: 'A central não respondeu.' }; },
  },
  Catalogue: {
    ProcessTypes: () => processTypes, DocumentTypes: () => documentTypes, Subjects: (q: string) => [{ id: 1, name: '024.2 Férias', detail: '' }, { id: 2, name: '033.1 Aquisição de material', detail: '' }].filter((s) => fold(s.name).includes(fold(q))),
    LegalBases: () => [{ id: 1, name: 'Informação Pessoal', detail: 'Art. 31 da Lei nº 12.527/2011' }, { id: 2, name: 'Documento Preparatório', detail: 'Art. 7º, § 3º, da Lei nº 12.527/2011' }],
    ConferenceTypes: () => [{ id: 1, name: 'Documento Original', detail: '' }, { id: 2, name: 'Cópia Simples', detail: '' }], Positions: () => [],
    Units: (q: string) => units.filter((u) => fold(`${u.acronym} ${u.name}`).includes(fold(q))), Members: () => [{ id: 'me', name: 'Ana Souza' }, { id: 'm2', name: 'Diego Alves' }],
  },
};

const call = (area: string, method: string, args: unknown[]) =>
  new Promise((resolve, reject) =>
    setTimeout(() => {
      try {
        const act = areas[area]?.[method];
        if (!act) throw { code: 'internal', message: `${area}.${method} não existe no duplo.` };
        resolve(structuredClone(act(...(args as never[]))));
      } catch (e) {
        reject(e as Error);
      }
    }, 5),
  );

const realFetch = window.fetch.bind(window);
window.fetch = async (input, init) => {
  const m = /^\/api\/(\w+)\/(\w+)$/.exec(String(input));
  if (!m) return realFetch(input, init);
  try {
    return new Response(JSON.stringify((await call(m[1] as string, m[2] as string, JSON.parse(String(init?.body)) as unknown[])) ?? null), { status: 200 });
  } catch (e) {
    return new Response(JSON.stringify(e), { status: 422 });
  }
};
class QuietEvents {
  onmessage: unknown = null;
  close(): void {
    // Nothing ever changes here.
  }
}
(window as { EventSource: unknown }).EventSource = QuietEvents;
