export namespace desktop {
	
	export interface DoctorLine {
	    name: string;
	    level: string;
	    detail: string;
	}
	export interface AboutView {
	    version: string;
	    checks: DoctorLine[];
	}
	export interface AccountView {
	    agency: string;
	    login: string;
	    name: string;
	    // Go type: time
	    lastLogin: any;
	    // Go type: time
	    offlineUntil: any;
	}
	export interface AckView {
	    name: string;
	    unit: string;
	    // Go type: time
	    at: any;
	}
	export interface AgencyView {
	    id: string;
	    acronym: string;
	    name: string;
	}
	export interface BatchLine {
	    document: string;
	    processId: string;
	    process: string;
	    title: string;
	    seiNumber: string;
	    state: string;
	    stateName: string;
	    code: string;
	    message: string;
	}
	export interface BatchView {
	    id: string;
	    state: string;
	    // Go type: time
	    started: any;
	    signer: string;
	    agency: string;
	    position: string;
	    certificate: string;
	    code: string;
	    message: string;
	    lines: BatchLine[];
	    total: number;
	    signed: number;
	    registered: number;
	    refused: number;
	    failed: number;
	    left: number;
	}
	export interface DemoUserView {
	    agency: string;
	    login: string;
	    password: string;
	    name: string;
	    unit: string;
	    role: string;
	}
	export interface CentralView {
	    url: string;
	    name: string;
	    version: string;
	    training: boolean;
	    reachable: boolean;
	    agencies: AgencyView[];
	    demoUsers: DemoUserView[];
	    maxFileBytes: number;
	    publicUrl: string;
	}
	export interface CertificateView {
	    id: string;
	    name: string;
	    cpf: string;
	    issuer: string;
	    serial: string;
	    // Go type: time
	    notBefore: any;
	    // Go type: time
	    notAfter: any;
	    icpBrasil: boolean;
	    store: string;
	    token: string;
	    pinPad: boolean;
	    pinState: string;
	    problem: string;
	    kind: string;
	}
	export interface CertificateList {
	    certificates: CertificateView[];
	    problems: string[];
	}
	
	export interface Choice {
	    id: number;
	    name: string;
	    detail: string;
	}
	export interface ContactForm {
	    name: string;
	    cpf: string;
	    cnpj: string;
	}
	
	export interface DiffWord {
	    op: string;
	    text: string;
	}
	export interface DiffBlock {
	    kind: string;
	    words: DiffWord[];
	}
	
	
	export interface DocumentForm {
	    process: string;
	    type: number;
	    number: string;
	    treeName: string;
	    description: string;
	    interested: ContactForm[];
	    recipients: ContactForm[];
	    level: number;
	    legalBasis: number;
	    model: string;
	    fromRefused: string;
	}
	export interface DocumentRef {
	    process: string;
	    document: string;
	}
	export interface DocumentTypeView {
	    id: number;
	    name: string;
	    numbering: string;
	    recipient: boolean;
	    interested: boolean;
	    minLevel: string;
	    used: boolean;
	}
	export interface Permission {
	    allowed: boolean;
	    reason: string;
	}
	export interface VerificationView {
	    code: string;
	    crc: string;
	    url: string;
	}
	export interface FileView {
	    name: string;
	    size: number;
	    mime: string;
	    sha256: string;
	    date: string;
	    format: string;
	    conference: string;
	    sender: string;
	}
	export interface SignatureView {
	    id: string;
	    name: string;
	    position: string;
	    agency: string;
	    method: string;
	    methodName: string;
	    level: string;
	    levelName: string;
	    legalBasis: string;
	    // Go type: time
	    at: any;
	    // Go type: time
	    declaredAt: any;
	    queued: boolean;
	    verdict: string;
	    verdictName: string;
	    reasons: string[];
	    certificate?: CertificateView;
	    evidenceUrl: string;
	}
	export interface DocumentView {
	    id: string;
	    process: string;
	    kind: string;
	    seiNumber: string;
	    title: string;
	    type: string;
	    typeId: number;
	    treeName: string;
	    description: string;
	    level: number;
	    levelName: string;
	    state: string;
	    minute: boolean;
	    pen: string;
	    penWaits: boolean;
	    signatures: SignatureView[];
	    acks: AckView[];
	    cancelled: boolean;
	    unit: string;
	    addedBy: string;
	    // Go type: time
	    addedAt: any;
	    file?: FileView;
	    verification?: VerificationView;
	    contentUrl: string;
	    mime: string;
	    unavailable: string;
	    editingBy: string;
	    sides: number;
	    can: Record<string, Permission>;
	}
	export interface RevisionView {
	    id: string;
	    seq: number;
	    author: string;
	    // Go type: time
	    at: any;
	    head: boolean;
	    side: boolean;
	    local: boolean;
	}
	export interface EditorView {
	    document: DocumentView;
	    text: string;
	    base: string;
	    unsaved: boolean;
	    sides: RevisionView[];
	    fields: Record<string, string>;
	}
	export interface ExportLeft {
	    title: string;
	    reason: string;
	}
	export interface ExportView {
	    id: string;
	    process: string;
	    kind: string;
	    done: number;
	    of: number;
	    ready: boolean;
	    url: string;
	    name: string;
	    size: number;
	    left: ExportLeft[];
	    problem: string;
	}
	export interface ExternalForm {
	    process: string;
	    type: number;
	    number: string;
	    treeName: string;
	    description: string;
	    date: string;
	    format: string;
	    conference: number;
	    sender: ContactForm;
	    level: number;
	    legalBasis: number;
	    staged: string;
	}
	
	export interface StagedFile {
	    id: string;
	    name: string;
	    size: number;
	    mime: string;
	    sha256: string;
	    pages: number;
	    url: string;
	    signatures: SignatureView[];
	}
	export interface Gathered {
	    files: StagedFile[];
	    problems: string[];
	    stopped: boolean;
	}
	export interface HistoryLine {
	    // Go type: time
	    at: any;
	    unit: string;
	    user: string;
	    text: string;
	    pending: boolean;
	    version: number;
	    hash: string;
	}
	export interface InboxCounts {
	    received: number;
	    notReceived: number;
	    returned: number;
	    generated: number;
	    mine: number;
	    refused: number;
	    queued: number;
	    intake: number;
	    drafts: number;
	}
	export interface InboxLineView {
	    id: string;
	    number: string;
	    official: boolean;
	    type: string;
	    specification: string;
	    level: number;
	    levelName: string;
	    received: boolean;
	    assigned: string;
	    assignedTo: string;
	    from: string;
	    // Go type: time
	    since: any;
	    // Go type: time
	    lastEventAt: any;
	    interested: string[];
	    documents: number;
	    queue: string;
	    queueText: string;
	}
	export interface InboxPage {
	    total: number;
	    lines: InboxLineView[];
	}
	export interface InboxQuery {
	    column: string;
	    mine: boolean;
	    text: string;
	    sort: string;
	    offset: number;
	    limit: number;
	}
	export interface IntakeItem {
	    id: string;
	    name: string;
	    size: number;
	    // Go type: time
	    at: any;
	    state: string;
	    reason: string;
	    url: string;
	}
	export interface IntakeView {
	    folder: string;
	    items: IntakeItem[];
	    problem: string;
	}
	export interface LoginForm {
	    central: string;
	    agency: string;
	    login: string;
	    password: string;
	}
	export interface MemberView {
	    id: string;
	    name: string;
	}
	export interface StampPlace {
	    mode: string;
	    page: number;
	    left: number;
	    bottom: number;
	    right: number;
	    top: number;
	    anchor: string;
	}
	export interface SignItem {
	    document: string;
	    processId: string;
	    title: string;
	    seiNumber: string;
	    process: string;
	    type: number;
	    previewUrl: string;
	    mime: string;
	    sha256: string;
	    pages: number;
	    problems: string[];
	    stamp: StampPlace;
	    atEnd: boolean;
	}
	export interface PasswordSignForm {
	    items: SignItem[];
	    password: string;
	    agency: string;
	    position: string;
	    inPlaceOf: string[];
	}
	
	export interface PersonPart {
	    name: string;
	    cpf: string;
	    cnpj: string;
	}
	export interface PersonView {
	    id: string;
	    login: string;
	    name: string;
	    agency: string;
	    agencyId: string;
	    mustChangePassword: boolean;
	}
	export interface Preferences {
	    theme: string;
	    density: string;
	    treeWidth: number;
	    openTabs: string[];
	    split: boolean;
	    panes: string[];
	    textSize: number;
	    sideWidth: number;
	    sidePanel: string;
	    inboxView: string;
	}
	export interface PreviewView {
	    url: string;
	    pages: number;
	    sha256: string;
	    problems: string[];
	}
	export interface ProcessTypeView {
	    id: number;
	    name: string;
	    levels: number[];
	    suggestLevel: number;
	    suggestBasis: number;
	    subjects: Choice[];
	    used: boolean;
	}
	export interface QueueView {
	    id: string;
	    title: string;
	    process: string;
	    number: string;
	    document: string;
	    state: string;
	    stateName: string;
	    waiting: string;
	    // Go type: time
	    at: any;
	    // Go type: time
	    lastTry: any;
	    // Go type: time
	    nextTry: any;
	    code: string;
	    reason: string;
	    canWithdraw: boolean;
	    keptUrl: string;
	    keptText: boolean;
	    withIt: string[];
	}
	export interface UnitPart {
	    id: string;
	    acronym: string;
	    name: string;
	    agency: string;
	    open: boolean;
	    received: boolean;
	    assigned: string;
	    assignedTo: string;
	    // Go type: time
	    since: any;
	}
	export interface ProcessView {
	    id: string;
	    number: string;
	    official: boolean;
	    type: string;
	    typeId: number;
	    specification: string;
	    subjects: string[];
	    interested: PersonPart[];
	    level: number;
	    levelName: string;
	    legalBasis: string;
	    generatingUnit: UnitPart;
	    // Go type: time
	    startedAt: any;
	    startedBy: string;
	    here: UnitPart;
	    openIn: UnitPart[];
	    documents: DocumentView[];
	    acks: AckView[];
	    queue: QueueView[];
	    can: Record<string, Permission>;
	}
	
	export interface Queued {
	    id: string;
	    process: string;
	    document: string;
	    message: string;
	    warning: string;
	}
	
	export interface SaveResult {
	    base: string;
	    queued: boolean;
	    message: string;
	}
	export interface SearchHit {
	    process: string;
	    document: string;
	    number: string;
	    title: string;
	    detail: string;
	    snippet: string;
	    remote: boolean;
	}
	export interface SendForm {
	    process: string;
	    to: string[];
	    keepOpen: boolean;
	}
	export interface SendPreview {
	    minutes: string[];
	    visible: string[];
	    warnings: string[];
	}
	export interface UnitView {
	    id: string;
	    acronym: string;
	    name: string;
	    agency: string;
	    agencyId: string;
	    profiles: string[];
	    receives: boolean;
	}
	export interface SessionView {
	    phase: string;
	    central?: CentralView;
	    user?: PersonView;
	    units: UnitView[];
	    unit: string;
	    accounts: AccountView[];
	}
	export interface SignFinding {
	    document: string;
	    message: string;
	    blocks: boolean;
	}
	export interface SignCheck {
	    findings: SignFinding[];
	    level: string;
	    levelName: string;
	}
	export interface SignCheckForm {
	    items: SignItem[];
	    certificate: string;
	    agency: string;
	}
	
	export interface SignForm {
	    items: SignItem[];
	    certificate: string;
	    pin: string;
	    agency: string;
	    position: string;
	    inPlaceOf: string[];
	}
	
	export interface SignPreparation {
	    items: SignItem[];
	    agencies: AgencyView[];
	    agency: string;
	    positions: string[];
	    position: string;
	    signer: string;
	    password: Permission;
	}
	
	
	
	export interface StartForm {
	    type: number;
	    specification: string;
	    subjects: number[];
	    interested: ContactForm[];
	    level: number;
	    legalBasis: number;
	}
	export interface StatusView {
	    phase: string;
	    text: string;
	    // Go type: time
	    since: any;
	    // Go type: time
	    lastSync: any;
	    queued: number;
	    sending: number;
	    refused: number;
	    intake: number;
	    token: string;
	    done: number;
	    total: number;
	    pullLeft: number;
	    pullTotal: number;
	    pullPaused: boolean;
	}
	export interface TakingView {
	    name: string;
	    done: number;
	    total: number;
	}
	export interface ToSignLine {
	    document: string;
	    processId: string;
	    process: string;
	    processType: string;
	    specification: string;
	    title: string;
	    seiNumber: string;
	    addedBy: string;
	    // Go type: time
	    addedAt: any;
	    reason: string;
	}
	export interface ToSignList {
	    lines: ToSignLine[];
	    more: boolean;
	}
	
	

}

