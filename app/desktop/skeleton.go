package desktop

import "github.com/sei-rs/sei-rs-desktop/internal/sei"

// Session is login, unlock, unit and the status bar, as the window sees it.
type Session struct{ desk *Desk }

// State says which screen to show.
func (a *Session) State() (SessionView, error) {
	var out SessionView
	return out, errNotReady
}

// Status is the status bar.
func (a *Session) Status() (StatusView, error) {
	var out StatusView
	return out, errNotReady
}

// Connect asks a central who it is and remembers it.
func (a *Session) Connect(url string) (CentralView, error) {
	var out CentralView
	return out, errNotReady
}

// Login opens a session online, enrolling this workstation when it is new.
func (a *Session) Login(form LoginForm) (SessionView, error) {
	var out SessionView
	return out, errNotReady
}

// Unlock opens a known account with its password, without network.
func (a *Session) Unlock(agency string, login string, password string) (SessionView, error) {
	var out SessionView
	return out, errNotReady
}

// Lock forgets the key in memory; the queue stays.
func (a *Session) Lock() (SessionView, error) {
	var out SessionView
	return out, errNotReady
}

// Logout ends the session at the central and locks.
func (a *Session) Logout() (SessionView, error) {
	var out SessionView
	return out, errNotReady
}

// Renew logs in again while the desk stays open, when the central asks for it.
func (a *Session) Renew(password string) (SessionView, error) {
	var out SessionView
	return out, errNotReady
}

// ChangePassword replaces the user's password, online.
func (a *Session) ChangePassword(old string, new string) error {
	return errNotReady
}

// SwitchUnit changes the acting unit.
func (a *Session) SwitchUnit(unit string) (SessionView, error) {
	var out SessionView
	return out, errNotReady
}

// SyncNow asks for an exchange at once.
func (a *Session) SyncNow() error {
	return errNotReady
}

// About tells the version and the state of this workstation.
func (a *Session) About() (AboutView, error) {
	var out AboutView
	return out, errNotReady
}

// Preferences are what this workstation remembers.
func (a *Session) Preferences() (Preferences, error) {
	var out Preferences
	return out, errNotReady
}

// SavePreferences stores them.
func (a *Session) SavePreferences(p Preferences) error {
	return errNotReady
}

// Inbox is Controle de Processos, as the window sees it.
type Inbox struct{ desk *Desk }

// List is a part of the list.
func (a *Inbox) List(q InboxQuery) (InboxPage, error) {
	var out InboxPage
	return out, errNotReady
}

// Counts are the numbers of the side menu.
func (a *Inbox) Counts() (InboxCounts, error) {
	var out InboxCounts
	return out, errNotReady
}

// Processes is one process: its head, tree, history and operations, as the window sees it.
type Processes struct{ desk *Desk }

// Open gives a process and receives it when it was not yet.
func (a *Processes) Open(process string) (ProcessView, error) {
	var out ProcessView
	return out, errNotReady
}

// Get gives a process without receiving it.
func (a *Processes) Get(process string) (ProcessView, error) {
	var out ProcessView
	return out, errNotReady
}

// History is every andamento, newest first.
func (a *Processes) History(process string) ([]HistoryLine, error) {
	var out []HistoryLine
	return out, errNotReady
}

// Start opens a process; it is queued.
func (a *Processes) Start(form StartForm) (Queued, error) {
	var out Queued
	return out, errNotReady
}

// Send queues the sending to other units.
func (a *Processes) Send(form SendForm) (Queued, error) {
	var out Queued
	return out, errNotReady
}

// SendPreview tells what the other side will see.
func (a *Processes) SendPreview(process string) (SendPreview, error) {
	var out SendPreview
	return out, errNotReady
}

// Assign gives the process to a colleague; "" to nobody.
func (a *Processes) Assign(process string, user string) (Queued, error) {
	var out Queued
	return out, errNotReady
}

// Conclude closes the process in the unit.
func (a *Processes) Conclude(process string) (Queued, error) {
	var out Queued
	return out, errNotReady
}

// Reopen opens it again.
func (a *Processes) Reopen(process string) (Queued, error) {
	var out Queued
	return out, errNotReady
}

// Acknowledge gives ciência in the document, or in the process when "".
func (a *Processes) Acknowledge(process string, document string) (Queued, error) {
	var out Queued
	return out, errNotReady
}

// NoteProgress adds a free andamento.
func (a *Processes) NoteProgress(process string, text string) (Queued, error) {
	var out Queued
	return out, errNotReady
}

// Documents is minutes, external documents and their texts, as the window sees it.
type Documents struct{ desk *Desk }

// AddInternal puts a minute into the process.
func (a *Documents) AddInternal(form DocumentForm) (Queued, error) {
	var out Queued
	return out, errNotReady
}

// RegisterExternal puts a received file into the process.
func (a *Documents) RegisterExternal(form ExternalForm) (Queued, error) {
	var out Queued
	return out, errNotReady
}

// StageRefused takes the kept file of a refused entry to be registered.
func (a *Documents) StageRefused(entry string) (StagedFile, error) {
	var out StagedFile
	return out, errNotReady
}

// Edit opens a minute in the editor.
func (a *Documents) Edit(process string, document string) (EditorView, error) {
	var out EditorView
	return out, errNotReady
}

// Autosave keeps the text on this workstation; nothing is sent.
func (a *Documents) Autosave(process string, document string, base string, text string) error {
	return errNotReady
}

// Save stores a revision and queues it.
func (a *Documents) Save(process string, document string, base string, text string, merges []string) (SaveResult, error) {
	var out SaveResult
	return out, errNotReady
}

// Discard drops the autosaved text.
func (a *Documents) Discard(process string, document string) error {
	return errNotReady
}

// Preview typesets the text exactly as it would be signed.
func (a *Documents) Preview(process string, document string, text string) (PreviewView, error) {
	var out PreviewView
	return out, errNotReady
}

// Revisions lists the stored texts, newest first.
func (a *Documents) Revisions(process string, document string) ([]RevisionView, error) {
	var out []RevisionView
	return out, errNotReady
}

// RevisionText gives one stored text.
func (a *Documents) RevisionText(process string, document string, revision string) (string, error) {
	var out string
	return out, errNotReady
}

// Compare shows what changed between two revisions; "" is the autosaved text.
func (a *Documents) Compare(process string, document string, before string, after string) ([]DiffBlock, error) {
	var out []DiffBlock
	return out, errNotReady
}

// InsertImage keeps a staged picture for use in texts and gives its SHA-256.
func (a *Documents) InsertImage(staged string) (string, error) {
	var out string
	return out, errNotReady
}

// Files is files that come from the servant's disk, as the window sees it.
type Files struct{ desk *Desk }

// Pick opens the system's file dialog; only in the desktop window.
func (a *Files) Pick() ([]StagedFile, error) {
	var out []StagedFile
	return out, errNotReady
}

// StagePaths takes files dropped on the desktop window.
func (a *Files) StagePaths(paths []string) ([]StagedFile, error) {
	var out []StagedFile
	return out, errNotReady
}

// Unstage drops a staged file.
func (a *Files) Unstage(id string) error {
	return errNotReady
}

// SaveAs stores what url serves where the servant says; only in the desktop window.
func (a *Files) SaveAs(url string, name string) (bool, error) {
	var out bool
	return out, errNotReady
}

// Signing is signatures, as the window sees it.
type Signing struct{ desk *Desk }

// Prepare freezes the documents and lists them for the dialog.
func (a *Signing) Prepare(process string, documents []string) (SignPreparation, error) {
	var out SignPreparation
	return out, errNotReady
}

// Certificates lists the certificates that can sign.
func (a *Signing) Certificates() (CertificateList, error) {
	var out CertificateList
	return out, errNotReady
}

// AddPFX offers a staged PKCS#12 file as a certificate store of this session; its password opens it once to read the certificate and is asked again when signing.
func (a *Signing) AddPFX(staged string, password string) (CertificateList, error) {
	var out CertificateList
	return out, errNotReady
}

// Sign signs with a certificate and queues the signatures.
func (a *Signing) Sign(form SignForm) ([]SignResult, error) {
	var out []SignResult
	return out, errNotReady
}

// SignWithPassword signs with the user's password, online.
func (a *Signing) SignWithPassword(form PasswordSignForm) ([]SignResult, error) {
	var out []SignResult
	return out, errNotReady
}

// Verify judges the document's signatures again, here.
func (a *Signing) Verify(process string, document string) ([]SignatureView, error) {
	var out []SignatureView
	return out, errNotReady
}

// Outbox is the queue and what the central refused, as the window sees it.
type Outbox struct{ desk *Desk }

// List is what waits or is on its way, in order.
func (a *Outbox) List() ([]QueueView, error) {
	var out []QueueView
	return out, errNotReady
}

// Refused is what stands under "Recusados pela central".
func (a *Outbox) Refused() ([]QueueView, error) {
	var out []QueueView
	return out, errNotReady
}

// Withdraw takes an entry back, with those that depend on it.
func (a *Outbox) Withdraw(id string) error {
	return errNotReady
}

// Dismiss takes a refused entry off the list; its receipt stays.
func (a *Outbox) Dismiss(id string) error {
	return errNotReady
}

// Intake is the watched folder, as the window sees it.
type Intake struct{ desk *Desk }

// State is the folder and what lies in it.
func (a *Intake) State() (IntakeView, error) {
	var out IntakeView
	return out, errNotReady
}

// Choose sets the folder; "" stops watching.
func (a *Intake) Choose(path string) (IntakeView, error) {
	var out IntakeView
	return out, errNotReady
}

// PickFolder opens the system's folder dialog; only in the desktop window.
func (a *Intake) PickFolder() (IntakeView, error) {
	var out IntakeView
	return out, errNotReady
}

// Stage takes a waiting file to be registered.
func (a *Intake) Stage(id string) (StagedFile, error) {
	var out StagedFile
	return out, errNotReady
}

// Search is search here and at the central, as the window sees it.
type Search struct{ desk *Desk }

// Local searches this workstation, as you type.
func (a *Search) Local(query string, limit int) ([]SearchHit, error) {
	var out []SearchHit
	return out, errNotReady
}

// Central searches the central; it needs a connection.
func (a *Search) Central(query string) ([]SearchHit, error) {
	var out []SearchHit
	return out, errNotReady
}

// Catalogue is reference data to choose from, as the window sees it.
type Catalogue struct{ desk *Desk }

// ProcessTypes lists the active types.
func (a *Catalogue) ProcessTypes() ([]ProcessTypeView, error) {
	var out []ProcessTypeView
	return out, errNotReady
}

// DocumentTypes lists the types for "internal" or "external" documents.
func (a *Catalogue) DocumentTypes(kind string) ([]DocumentTypeView, error) {
	var out []DocumentTypeView
	return out, errNotReady
}

// Subjects finds subjects by code or words.
func (a *Catalogue) Subjects(query string) ([]Choice, error) {
	var out []Choice
	return out, errNotReady
}

// LegalBases lists the hipóteses legais of a level.
func (a *Catalogue) LegalBases(level int) ([]Choice, error) {
	var out []Choice
	return out, errNotReady
}

// ConferenceTypes lists the tipos de conferência.
func (a *Catalogue) ConferenceTypes() ([]Choice, error) {
	var out []Choice
	return out, errNotReady
}

// Positions lists the cargos and funções.
func (a *Catalogue) Positions() ([]Choice, error) {
	var out []Choice
	return out, errNotReady
}

// Units finds destinations by acronym or name over all agencies.
func (a *Catalogue) Units(query string, limit int) ([]UnitView, error) {
	var out []UnitView
	return out, errNotReady
}

// Members lists the colleagues of the acting unit.
func (a *Catalogue) Members() ([]MemberView, error) {
	var out []MemberView
	return out, errNotReady
}

var errNotReady = sei.Errorf(sei.CodeInternal, "Em construção.")
