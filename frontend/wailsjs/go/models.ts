export namespace desktop {
	
	export class DoctorLine {
	    name: string;
	    level: string;
	    detail: string;
	
	    static createFrom(source: any = {}) {
	        return new DoctorLine(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.name = source["name"];
	        this.level = source["level"];
	        this.detail = source["detail"];
	    }
	}
	export class AboutView {
	    version: string;
	    checks: DoctorLine[];
	
	    static createFrom(source: any = {}) {
	        return new AboutView(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.version = source["version"];
	        this.checks = this.convertValues(source["checks"], DoctorLine);
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class AccountView {
	    agency: string;
	    login: string;
	    name: string;
	    // Go type: time
	    lastLogin: any;
	    // Go type: time
	    offlineUntil: any;
	
	    static createFrom(source: any = {}) {
	        return new AccountView(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.agency = source["agency"];
	        this.login = source["login"];
	        this.name = source["name"];
	        this.lastLogin = this.convertValues(source["lastLogin"], null);
	        this.offlineUntil = this.convertValues(source["offlineUntil"], null);
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class AckView {
	    name: string;
	    unit: string;
	    // Go type: time
	    at: any;
	
	    static createFrom(source: any = {}) {
	        return new AckView(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.name = source["name"];
	        this.unit = source["unit"];
	        this.at = this.convertValues(source["at"], null);
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class AgencyView {
	    id: string;
	    acronym: string;
	    name: string;
	
	    static createFrom(source: any = {}) {
	        return new AgencyView(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.id = source["id"];
	        this.acronym = source["acronym"];
	        this.name = source["name"];
	    }
	}
	export class DemoUserView {
	    agency: string;
	    login: string;
	    password: string;
	    name: string;
	    unit: string;
	    role: string;
	
	    static createFrom(source: any = {}) {
	        return new DemoUserView(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.agency = source["agency"];
	        this.login = source["login"];
	        this.password = source["password"];
	        this.name = source["name"];
	        this.unit = source["unit"];
	        this.role = source["role"];
	    }
	}
	export class CentralView {
	    url: string;
	    name: string;
	    version: string;
	    training: boolean;
	    reachable: boolean;
	    agencies: AgencyView[];
	    demoUsers: DemoUserView[];
	    maxFileBytes: number;
	    publicUrl: string;
	
	    static createFrom(source: any = {}) {
	        return new CentralView(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.url = source["url"];
	        this.name = source["name"];
	        this.version = source["version"];
	        this.training = source["training"];
	        this.reachable = source["reachable"];
	        this.agencies = this.convertValues(source["agencies"], AgencyView);
	        this.demoUsers = this.convertValues(source["demoUsers"], DemoUserView);
	        this.maxFileBytes = source["maxFileBytes"];
	        this.publicUrl = source["publicUrl"];
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class CertificateView {
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
	
	    static createFrom(source: any = {}) {
	        return new CertificateView(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.id = source["id"];
	        this.name = source["name"];
	        this.cpf = source["cpf"];
	        this.issuer = source["issuer"];
	        this.serial = source["serial"];
	        this.notBefore = this.convertValues(source["notBefore"], null);
	        this.notAfter = this.convertValues(source["notAfter"], null);
	        this.icpBrasil = source["icpBrasil"];
	        this.store = source["store"];
	        this.token = source["token"];
	        this.pinPad = source["pinPad"];
	        this.pinState = source["pinState"];
	        this.problem = source["problem"];
	        this.kind = source["kind"];
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class CertificateList {
	    certificates: CertificateView[];
	    problems: string[];
	
	    static createFrom(source: any = {}) {
	        return new CertificateList(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.certificates = this.convertValues(source["certificates"], CertificateView);
	        this.problems = source["problems"];
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	
	export class Choice {
	    id: number;
	    name: string;
	    detail: string;
	
	    static createFrom(source: any = {}) {
	        return new Choice(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.id = source["id"];
	        this.name = source["name"];
	        this.detail = source["detail"];
	    }
	}
	export class ContactForm {
	    name: string;
	    cpf: string;
	    cnpj: string;
	
	    static createFrom(source: any = {}) {
	        return new ContactForm(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.name = source["name"];
	        this.cpf = source["cpf"];
	        this.cnpj = source["cnpj"];
	    }
	}
	
	export class DiffWord {
	    op: string;
	    text: string;
	
	    static createFrom(source: any = {}) {
	        return new DiffWord(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.op = source["op"];
	        this.text = source["text"];
	    }
	}
	export class DiffBlock {
	    kind: string;
	    words: DiffWord[];
	
	    static createFrom(source: any = {}) {
	        return new DiffBlock(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.kind = source["kind"];
	        this.words = this.convertValues(source["words"], DiffWord);
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	
	
	export class DocumentForm {
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
	
	    static createFrom(source: any = {}) {
	        return new DocumentForm(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.process = source["process"];
	        this.type = source["type"];
	        this.number = source["number"];
	        this.treeName = source["treeName"];
	        this.description = source["description"];
	        this.interested = this.convertValues(source["interested"], ContactForm);
	        this.recipients = this.convertValues(source["recipients"], ContactForm);
	        this.level = source["level"];
	        this.legalBasis = source["legalBasis"];
	        this.model = source["model"];
	        this.fromRefused = source["fromRefused"];
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class DocumentTypeView {
	    id: number;
	    name: string;
	    numbering: string;
	    recipient: boolean;
	    interested: boolean;
	    minLevel: string;
	    used: boolean;
	
	    static createFrom(source: any = {}) {
	        return new DocumentTypeView(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.id = source["id"];
	        this.name = source["name"];
	        this.numbering = source["numbering"];
	        this.recipient = source["recipient"];
	        this.interested = source["interested"];
	        this.minLevel = source["minLevel"];
	        this.used = source["used"];
	    }
	}
	export class Permission {
	    allowed: boolean;
	    reason: string;
	
	    static createFrom(source: any = {}) {
	        return new Permission(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.allowed = source["allowed"];
	        this.reason = source["reason"];
	    }
	}
	export class VerificationView {
	    code: string;
	    crc: string;
	    url: string;
	
	    static createFrom(source: any = {}) {
	        return new VerificationView(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.code = source["code"];
	        this.crc = source["crc"];
	        this.url = source["url"];
	    }
	}
	export class FileView {
	    name: string;
	    size: number;
	    mime: string;
	    sha256: string;
	    date: string;
	    format: string;
	    conference: string;
	    sender: string;
	
	    static createFrom(source: any = {}) {
	        return new FileView(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.name = source["name"];
	        this.size = source["size"];
	        this.mime = source["mime"];
	        this.sha256 = source["sha256"];
	        this.date = source["date"];
	        this.format = source["format"];
	        this.conference = source["conference"];
	        this.sender = source["sender"];
	    }
	}
	export class SignatureView {
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
	
	    static createFrom(source: any = {}) {
	        return new SignatureView(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.id = source["id"];
	        this.name = source["name"];
	        this.position = source["position"];
	        this.agency = source["agency"];
	        this.method = source["method"];
	        this.methodName = source["methodName"];
	        this.level = source["level"];
	        this.levelName = source["levelName"];
	        this.legalBasis = source["legalBasis"];
	        this.at = this.convertValues(source["at"], null);
	        this.declaredAt = this.convertValues(source["declaredAt"], null);
	        this.queued = source["queued"];
	        this.verdict = source["verdict"];
	        this.verdictName = source["verdictName"];
	        this.reasons = source["reasons"];
	        this.certificate = this.convertValues(source["certificate"], CertificateView);
	        this.evidenceUrl = source["evidenceUrl"];
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class DocumentView {
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
	
	    static createFrom(source: any = {}) {
	        return new DocumentView(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.id = source["id"];
	        this.process = source["process"];
	        this.kind = source["kind"];
	        this.seiNumber = source["seiNumber"];
	        this.title = source["title"];
	        this.type = source["type"];
	        this.typeId = source["typeId"];
	        this.treeName = source["treeName"];
	        this.description = source["description"];
	        this.level = source["level"];
	        this.levelName = source["levelName"];
	        this.state = source["state"];
	        this.minute = source["minute"];
	        this.pen = source["pen"];
	        this.signatures = this.convertValues(source["signatures"], SignatureView);
	        this.acks = this.convertValues(source["acks"], AckView);
	        this.cancelled = source["cancelled"];
	        this.unit = source["unit"];
	        this.addedBy = source["addedBy"];
	        this.addedAt = this.convertValues(source["addedAt"], null);
	        this.file = this.convertValues(source["file"], FileView);
	        this.verification = this.convertValues(source["verification"], VerificationView);
	        this.contentUrl = source["contentUrl"];
	        this.mime = source["mime"];
	        this.unavailable = source["unavailable"];
	        this.editingBy = source["editingBy"];
	        this.sides = source["sides"];
	        this.can = this.convertValues(source["can"], Permission, true);
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class RevisionView {
	    id: string;
	    seq: number;
	    author: string;
	    // Go type: time
	    at: any;
	    head: boolean;
	    side: boolean;
	    local: boolean;
	
	    static createFrom(source: any = {}) {
	        return new RevisionView(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.id = source["id"];
	        this.seq = source["seq"];
	        this.author = source["author"];
	        this.at = this.convertValues(source["at"], null);
	        this.head = source["head"];
	        this.side = source["side"];
	        this.local = source["local"];
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class EditorView {
	    document: DocumentView;
	    text: string;
	    base: string;
	    unsaved: boolean;
	    sides: RevisionView[];
	    fields: Record<string, string>;
	
	    static createFrom(source: any = {}) {
	        return new EditorView(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.document = this.convertValues(source["document"], DocumentView);
	        this.text = source["text"];
	        this.base = source["base"];
	        this.unsaved = source["unsaved"];
	        this.sides = this.convertValues(source["sides"], RevisionView);
	        this.fields = source["fields"];
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class ExternalForm {
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
	
	    static createFrom(source: any = {}) {
	        return new ExternalForm(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.process = source["process"];
	        this.type = source["type"];
	        this.number = source["number"];
	        this.treeName = source["treeName"];
	        this.description = source["description"];
	        this.date = source["date"];
	        this.format = source["format"];
	        this.conference = source["conference"];
	        this.sender = this.convertValues(source["sender"], ContactForm);
	        this.level = source["level"];
	        this.legalBasis = source["legalBasis"];
	        this.staged = source["staged"];
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	
	export class HistoryLine {
	    // Go type: time
	    at: any;
	    unit: string;
	    user: string;
	    text: string;
	    pending: boolean;
	    version: number;
	    hash: string;
	
	    static createFrom(source: any = {}) {
	        return new HistoryLine(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.at = this.convertValues(source["at"], null);
	        this.unit = source["unit"];
	        this.user = source["user"];
	        this.text = source["text"];
	        this.pending = source["pending"];
	        this.version = source["version"];
	        this.hash = source["hash"];
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class InboxCounts {
	    received: number;
	    notReceived: number;
	    generated: number;
	    mine: number;
	    refused: number;
	    queued: number;
	    intake: number;
	    drafts: number;
	
	    static createFrom(source: any = {}) {
	        return new InboxCounts(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.received = source["received"];
	        this.notReceived = source["notReceived"];
	        this.generated = source["generated"];
	        this.mine = source["mine"];
	        this.refused = source["refused"];
	        this.queued = source["queued"];
	        this.intake = source["intake"];
	        this.drafts = source["drafts"];
	    }
	}
	export class InboxLineView {
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
	
	    static createFrom(source: any = {}) {
	        return new InboxLineView(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.id = source["id"];
	        this.number = source["number"];
	        this.official = source["official"];
	        this.type = source["type"];
	        this.specification = source["specification"];
	        this.level = source["level"];
	        this.levelName = source["levelName"];
	        this.received = source["received"];
	        this.assigned = source["assigned"];
	        this.assignedTo = source["assignedTo"];
	        this.from = source["from"];
	        this.since = this.convertValues(source["since"], null);
	        this.lastEventAt = this.convertValues(source["lastEventAt"], null);
	        this.interested = source["interested"];
	        this.documents = source["documents"];
	        this.queue = source["queue"];
	        this.queueText = source["queueText"];
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class InboxPage {
	    total: number;
	    lines: InboxLineView[];
	
	    static createFrom(source: any = {}) {
	        return new InboxPage(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.total = source["total"];
	        this.lines = this.convertValues(source["lines"], InboxLineView);
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class InboxQuery {
	    column: string;
	    mine: boolean;
	    text: string;
	    sort: string;
	    offset: number;
	    limit: number;
	
	    static createFrom(source: any = {}) {
	        return new InboxQuery(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.column = source["column"];
	        this.mine = source["mine"];
	        this.text = source["text"];
	        this.sort = source["sort"];
	        this.offset = source["offset"];
	        this.limit = source["limit"];
	    }
	}
	export class IntakeItem {
	    id: string;
	    name: string;
	    size: number;
	    // Go type: time
	    at: any;
	    state: string;
	    reason: string;
	    url: string;
	
	    static createFrom(source: any = {}) {
	        return new IntakeItem(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.id = source["id"];
	        this.name = source["name"];
	        this.size = source["size"];
	        this.at = this.convertValues(source["at"], null);
	        this.state = source["state"];
	        this.reason = source["reason"];
	        this.url = source["url"];
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class IntakeView {
	    folder: string;
	    items: IntakeItem[];
	    problem: string;
	
	    static createFrom(source: any = {}) {
	        return new IntakeView(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.folder = source["folder"];
	        this.items = this.convertValues(source["items"], IntakeItem);
	        this.problem = source["problem"];
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class LoginForm {
	    central: string;
	    agency: string;
	    login: string;
	    password: string;
	
	    static createFrom(source: any = {}) {
	        return new LoginForm(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.central = source["central"];
	        this.agency = source["agency"];
	        this.login = source["login"];
	        this.password = source["password"];
	    }
	}
	export class MemberView {
	    id: string;
	    name: string;
	
	    static createFrom(source: any = {}) {
	        return new MemberView(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.id = source["id"];
	        this.name = source["name"];
	    }
	}
	export class SignItem {
	    document: string;
	    title: string;
	    seiNumber: string;
	    process: string;
	    previewUrl: string;
	    sha256: string;
	    pages: number;
	    problems: string[];
	
	    static createFrom(source: any = {}) {
	        return new SignItem(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.document = source["document"];
	        this.title = source["title"];
	        this.seiNumber = source["seiNumber"];
	        this.process = source["process"];
	        this.previewUrl = source["previewUrl"];
	        this.sha256 = source["sha256"];
	        this.pages = source["pages"];
	        this.problems = source["problems"];
	    }
	}
	export class PasswordSignForm {
	    items: SignItem[];
	    password: string;
	    agency: string;
	    position: string;
	
	    static createFrom(source: any = {}) {
	        return new PasswordSignForm(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.items = this.convertValues(source["items"], SignItem);
	        this.password = source["password"];
	        this.agency = source["agency"];
	        this.position = source["position"];
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	
	export class PersonPart {
	    name: string;
	    cpf: string;
	    cnpj: string;
	
	    static createFrom(source: any = {}) {
	        return new PersonPart(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.name = source["name"];
	        this.cpf = source["cpf"];
	        this.cnpj = source["cnpj"];
	    }
	}
	export class PersonView {
	    id: string;
	    login: string;
	    name: string;
	    agency: string;
	    agencyId: string;
	    mustChangePassword: boolean;
	
	    static createFrom(source: any = {}) {
	        return new PersonView(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.id = source["id"];
	        this.login = source["login"];
	        this.name = source["name"];
	        this.agency = source["agency"];
	        this.agencyId = source["agencyId"];
	        this.mustChangePassword = source["mustChangePassword"];
	    }
	}
	export class Preferences {
	    theme: string;
	    density: string;
	    treeWidth: number;
	    openTabs: string[];
	    split: boolean;
	    inboxView: string;
	
	    static createFrom(source: any = {}) {
	        return new Preferences(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.theme = source["theme"];
	        this.density = source["density"];
	        this.treeWidth = source["treeWidth"];
	        this.openTabs = source["openTabs"];
	        this.split = source["split"];
	        this.inboxView = source["inboxView"];
	    }
	}
	export class PreviewView {
	    url: string;
	    pages: number;
	    sha256: string;
	    problems: string[];
	
	    static createFrom(source: any = {}) {
	        return new PreviewView(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.url = source["url"];
	        this.pages = source["pages"];
	        this.sha256 = source["sha256"];
	        this.problems = source["problems"];
	    }
	}
	export class ProcessTypeView {
	    id: number;
	    name: string;
	    levels: number[];
	    suggestLevel: number;
	    suggestBasis: number;
	    subjects: Choice[];
	    used: boolean;
	
	    static createFrom(source: any = {}) {
	        return new ProcessTypeView(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.id = source["id"];
	        this.name = source["name"];
	        this.levels = source["levels"];
	        this.suggestLevel = source["suggestLevel"];
	        this.suggestBasis = source["suggestBasis"];
	        this.subjects = this.convertValues(source["subjects"], Choice);
	        this.used = source["used"];
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class QueueView {
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
	    code: string;
	    reason: string;
	    canWithdraw: boolean;
	    keptUrl: string;
	    keptText: boolean;
	    withIt: string[];
	
	    static createFrom(source: any = {}) {
	        return new QueueView(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.id = source["id"];
	        this.title = source["title"];
	        this.process = source["process"];
	        this.number = source["number"];
	        this.document = source["document"];
	        this.state = source["state"];
	        this.stateName = source["stateName"];
	        this.waiting = source["waiting"];
	        this.at = this.convertValues(source["at"], null);
	        this.code = source["code"];
	        this.reason = source["reason"];
	        this.canWithdraw = source["canWithdraw"];
	        this.keptUrl = source["keptUrl"];
	        this.keptText = source["keptText"];
	        this.withIt = source["withIt"];
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class UnitPart {
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
	
	    static createFrom(source: any = {}) {
	        return new UnitPart(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.id = source["id"];
	        this.acronym = source["acronym"];
	        this.name = source["name"];
	        this.agency = source["agency"];
	        this.open = source["open"];
	        this.received = source["received"];
	        this.assigned = source["assigned"];
	        this.assignedTo = source["assignedTo"];
	        this.since = this.convertValues(source["since"], null);
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class ProcessView {
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
	
	    static createFrom(source: any = {}) {
	        return new ProcessView(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.id = source["id"];
	        this.number = source["number"];
	        this.official = source["official"];
	        this.type = source["type"];
	        this.typeId = source["typeId"];
	        this.specification = source["specification"];
	        this.subjects = source["subjects"];
	        this.interested = this.convertValues(source["interested"], PersonPart);
	        this.level = source["level"];
	        this.levelName = source["levelName"];
	        this.legalBasis = source["legalBasis"];
	        this.generatingUnit = this.convertValues(source["generatingUnit"], UnitPart);
	        this.startedAt = this.convertValues(source["startedAt"], null);
	        this.startedBy = source["startedBy"];
	        this.here = this.convertValues(source["here"], UnitPart);
	        this.openIn = this.convertValues(source["openIn"], UnitPart);
	        this.documents = this.convertValues(source["documents"], DocumentView);
	        this.acks = this.convertValues(source["acks"], AckView);
	        this.queue = this.convertValues(source["queue"], QueueView);
	        this.can = this.convertValues(source["can"], Permission, true);
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	
	export class Queued {
	    id: string;
	    process: string;
	    document: string;
	    message: string;
	    warning: string;
	
	    static createFrom(source: any = {}) {
	        return new Queued(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.id = source["id"];
	        this.process = source["process"];
	        this.document = source["document"];
	        this.message = source["message"];
	        this.warning = source["warning"];
	    }
	}
	
	export class SaveResult {
	    base: string;
	    queued: boolean;
	    message: string;
	
	    static createFrom(source: any = {}) {
	        return new SaveResult(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.base = source["base"];
	        this.queued = source["queued"];
	        this.message = source["message"];
	    }
	}
	export class SearchHit {
	    process: string;
	    document: string;
	    number: string;
	    title: string;
	    detail: string;
	    snippet: string;
	    remote: boolean;
	
	    static createFrom(source: any = {}) {
	        return new SearchHit(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.process = source["process"];
	        this.document = source["document"];
	        this.number = source["number"];
	        this.title = source["title"];
	        this.detail = source["detail"];
	        this.snippet = source["snippet"];
	        this.remote = source["remote"];
	    }
	}
	export class SendForm {
	    process: string;
	    to: string[];
	    keepOpen: boolean;
	
	    static createFrom(source: any = {}) {
	        return new SendForm(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.process = source["process"];
	        this.to = source["to"];
	        this.keepOpen = source["keepOpen"];
	    }
	}
	export class SendPreview {
	    minutes: string[];
	    visible: string[];
	    warnings: string[];
	
	    static createFrom(source: any = {}) {
	        return new SendPreview(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.minutes = source["minutes"];
	        this.visible = source["visible"];
	        this.warnings = source["warnings"];
	    }
	}
	export class UnitView {
	    id: string;
	    acronym: string;
	    name: string;
	    agency: string;
	    agencyId: string;
	    profiles: string[];
	    receives: boolean;
	
	    static createFrom(source: any = {}) {
	        return new UnitView(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.id = source["id"];
	        this.acronym = source["acronym"];
	        this.name = source["name"];
	        this.agency = source["agency"];
	        this.agencyId = source["agencyId"];
	        this.profiles = source["profiles"];
	        this.receives = source["receives"];
	    }
	}
	export class SessionView {
	    phase: string;
	    central?: CentralView;
	    user?: PersonView;
	    units: UnitView[];
	    unit: string;
	    accounts: AccountView[];
	
	    static createFrom(source: any = {}) {
	        return new SessionView(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.phase = source["phase"];
	        this.central = this.convertValues(source["central"], CentralView);
	        this.user = this.convertValues(source["user"], PersonView);
	        this.units = this.convertValues(source["units"], UnitView);
	        this.unit = source["unit"];
	        this.accounts = this.convertValues(source["accounts"], AccountView);
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class SignForm {
	    items: SignItem[];
	    certificate: string;
	    pin: string;
	    agency: string;
	    position: string;
	
	    static createFrom(source: any = {}) {
	        return new SignForm(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.items = this.convertValues(source["items"], SignItem);
	        this.certificate = source["certificate"];
	        this.pin = source["pin"];
	        this.agency = source["agency"];
	        this.position = source["position"];
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	
	export class SignPreparation {
	    items: SignItem[];
	    agencies: AgencyView[];
	    agency: string;
	    positions: string[];
	    position: string;
	    signer: string;
	    password: Permission;
	
	    static createFrom(source: any = {}) {
	        return new SignPreparation(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.items = this.convertValues(source["items"], SignItem);
	        this.agencies = this.convertValues(source["agencies"], AgencyView);
	        this.agency = source["agency"];
	        this.positions = source["positions"];
	        this.position = source["position"];
	        this.signer = source["signer"];
	        this.password = this.convertValues(source["password"], Permission);
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class SignResult {
	    document: string;
	    title: string;
	    ok: boolean;
	    code: string;
	    message: string;
	
	    static createFrom(source: any = {}) {
	        return new SignResult(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.document = source["document"];
	        this.title = source["title"];
	        this.ok = source["ok"];
	        this.code = source["code"];
	        this.message = source["message"];
	    }
	}
	
	export class StagedFile {
	    id: string;
	    name: string;
	    size: number;
	    mime: string;
	    sha256: string;
	    pages: number;
	    url: string;
	    signatures: SignatureView[];
	
	    static createFrom(source: any = {}) {
	        return new StagedFile(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.id = source["id"];
	        this.name = source["name"];
	        this.size = source["size"];
	        this.mime = source["mime"];
	        this.sha256 = source["sha256"];
	        this.pages = source["pages"];
	        this.url = source["url"];
	        this.signatures = this.convertValues(source["signatures"], SignatureView);
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class StartForm {
	    type: number;
	    specification: string;
	    subjects: number[];
	    interested: ContactForm[];
	    level: number;
	    legalBasis: number;
	
	    static createFrom(source: any = {}) {
	        return new StartForm(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.type = source["type"];
	        this.specification = source["specification"];
	        this.subjects = source["subjects"];
	        this.interested = this.convertValues(source["interested"], ContactForm);
	        this.level = source["level"];
	        this.legalBasis = source["legalBasis"];
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	export class StatusView {
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
	
	    static createFrom(source: any = {}) {
	        return new StatusView(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.phase = source["phase"];
	        this.text = source["text"];
	        this.since = this.convertValues(source["since"], null);
	        this.lastSync = this.convertValues(source["lastSync"], null);
	        this.queued = source["queued"];
	        this.sending = source["sending"];
	        this.refused = source["refused"];
	        this.intake = source["intake"];
	        this.token = source["token"];
	        this.done = source["done"];
	        this.total = source["total"];
	    }
	
		convertValues(a: any, classs: any, asMap: boolean = false): any {
		    if (!a) {
		        return a;
		    }
		    if (a.slice && a.map) {
		        return (a as any[]).map(elem => this.convertValues(elem, classs));
		    } else if ("object" === typeof a) {
		        if (asMap) {
		            for (const key of Object.keys(a)) {
		                a[key] = new classs(a[key]);
		            }
		            return a;
		        }
		        return new classs(a);
		    }
		    return a;
		}
	}
	
	

}

