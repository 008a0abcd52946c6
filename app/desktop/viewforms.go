package desktop

import "time"

// ContactForm is a person or company typed by the servant.
type ContactForm struct {
	Name string `json:"name"`
	CPF  string `json:"cpf"`
	CNPJ string `json:"cnpj"`
}

// StartForm opens a process.
type StartForm struct {
	Type          int           `json:"type"`
	Specification string        `json:"specification"`
	Subjects      []int         `json:"subjects"`
	Interested    []ContactForm `json:"interested"`
	Level         int           `json:"level"`
	LegalBasis    int           `json:"legalBasis"`
}

// DocumentForm adds a minute.
type DocumentForm struct {
	Process     string        `json:"process"`
	Type        int           `json:"type"`
	Number      string        `json:"number"`
	TreeName    string        `json:"treeName"`
	Description string        `json:"description"`
	Interested  []ContactForm `json:"interested"`
	Recipients  []ContactForm `json:"recipients"`
	Level       int           `json:"level"`
	LegalBasis  int           `json:"legalBasis"`
	// Model is a document whose text is the initial one, or "".
	Model string `json:"model"`
	// FromRefused is a refused or withdrawn outbox entry whose kept text is the initial one, or "".
	FromRefused string `json:"fromRefused"`
}

// ExternalForm registers a received file.
type ExternalForm struct {
	Process     string      `json:"process"`
	Type        int         `json:"type"`
	Number      string      `json:"number"`
	TreeName    string      `json:"treeName"`
	Description string      `json:"description"`
	Date        string      `json:"date"`   // AAAA-MM-DD
	Format      string      `json:"format"` // "nato-digital", "digitalizado"
	Conference  int         `json:"conference"`
	Sender      ContactForm `json:"sender"`
	Level       int         `json:"level"`
	LegalBasis  int         `json:"legalBasis"`
	// Staged is the file: from Files.Stage, the watched folder or a refused item.
	Staged string `json:"staged"`
}

// StagedFile is a file that was taken in and waits to be registered.
type StagedFile struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	MIME   string `json:"mime"`
	SHA256 string `json:"sha256"`
	Pages  int    `json:"pages"` // of a PDF
	URL    string `json:"url"`
	// Signatures found in it, already judged.
	Signatures []SignatureView `json:"signatures"`
}

// EditorView opens a minute in the editor.
type EditorView struct {
	Document DocumentView `json:"document"`
	Text     string       `json:"text"` // richtext JSON
	Base     string       `json:"base"` // revision that Text continues
	// Unsaved is true when Text is an autosaved draft newer than Base.
	Unsaved bool           `json:"unsaved"`
	Sides   []RevisionView `json:"sides"` // texts of others to be merged
	// Fields are the values that fields have now, by name.
	Fields map[string]string `json:"fields"`
}

// RevisionView is one stored text of a minute.
type RevisionView struct {
	ID     string    `json:"id"`
	Seq    int64     `json:"seq"`
	Author string    `json:"author"`
	At     time.Time `json:"at"`
	Head   bool      `json:"head"`
	Side   bool      `json:"side"`
	Local  bool      `json:"local"` // saved here, not sent yet
}

// DiffBlock is a block of a comparison: words kept, added and removed.
type DiffBlock struct {
	Kind  string     `json:"kind"` // "same", "added", "removed", "changed"
	Words []DiffWord `json:"words"`
}

// DiffWord is a run of words with the same fate.
type DiffWord struct {
	Op   string `json:"op"` // "same", "added", "removed"
	Text string `json:"text"`
}

// SaveResult is the state after storing a text.
type SaveResult struct {
	Base    string `json:"base"` // revision to continue from
	Queued  bool   `json:"queued"`
	Message string `json:"message"`
}

// PreviewView is a typeset minute.
type PreviewView struct {
	URL    string `json:"url"`
	Pages  int    `json:"pages"`
	SHA256 string `json:"sha256"`
	// Problems are what stops the signing: characters that cannot be set, fields
	// without a value, a number that has not arrived.
	Problems []string `json:"problems"`
}

// SendForm moves the process.
type SendForm struct {
	Process  string   `json:"process"`
	To       []string `json:"to"`
	KeepOpen bool     `json:"keepOpen"`
}

// SendPreview is what to know before sending.
type SendPreview struct {
	Minutes  []string `json:"minutes"` // unsigned documents that the other side will not see
	Visible  []string `json:"visible"` // documents that it will see
	Warnings []string `json:"warnings"`
}
