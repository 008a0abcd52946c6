package sei

import "slices"

// AccessLevel is the nível de acesso; a larger value is more restrictive.
type AccessLevel int

// The three levels of SEI, with SEI's own codes.
const (
	Public     AccessLevel = 0
	Restricted AccessLevel = 1
	Sealed     AccessLevel = 2
)

// Valid says whether l is one of the three levels.
func (l AccessLevel) Valid() bool { return l >= Public && l <= Sealed }

// String is the level's name in SEI.
func (l AccessLevel) String() string {
	switch l {
	case Public:
		return "Público"
	case Restricted:
		return "Restrito"
	case Sealed:
		return "Sigiloso"
	}
	return "nível desconhecido"
}

// Reading is how much of a process an actor may read.
type Reading int

// What may be read, from nothing to everything but other units' minutes.
const (
	// ReadNothing: the process must look as if it did not exist.
	ReadNothing Reading = iota
	// ReadMetadata: numbers, types, tree and history, but no content.
	ReadMetadata
	// ReadContent: also the bytes of signed and external documents.
	ReadContent
)

// Reads judges how much of p the actor may read. The global level governs:
// Public is open to any logged-in user; Restricted only to units through which
// the process passed; an Auditor reads metadata of both. Sealed needs a
// credential, which no actor can hold yet.
func Reads(p *Process, a Actor) Reading {
	level := p.GlobalLevel()
	if level == Sealed || !a.Active() {
		return ReadNothing
	}
	onlyAudits := a.has(ProfileAuditor) && !a.worksInProcesses()
	if level == Public && !onlyAudits {
		return ReadContent
	}
	if _, related := p.Units[a.Unit]; related && !onlyAudits {
		return ReadContent
	}
	if a.has(ProfileAuditor) {
		return ReadMetadata
	}
	return ReadNothing
}

// ReadsDocument says whether the actor may read the content of d in p. The text
// of a minute belongs to its generating unit alone; a cancelled document's
// content to nobody.
func ReadsDocument(p *Process, d *Document, a Actor) bool {
	if d.Cancelled || Reads(p, a) != ReadContent {
		return false
	}
	if d.IsMinute() {
		return a.Unit == d.GeneratingUnit
	}
	return true
}

// ReadsPersonalData says whether the actor may see the CPF and the addresses of
// contacts: the units through which the process passed may. To others a Public
// process shows their names alone (LGPD, art. 6º, III: no more than needed).
func ReadsPersonalData(p *Process, a Actor) bool {
	_, related := p.Units[a.Unit]
	return related && a.worksInProcesses()
}

// NamesOnly is the contact without its CPF and addresses; a company's CNPJ is public.
func (c Contact) NamesOnly() Contact {
	c.CPF, c.Email = "", ""
	return c
}

func namesOnly(cs []Contact) []Contact {
	out := slices.Clone(cs)
	for i, c := range out {
		out[i] = c.NamesOnly()
	}
	return out
}

// NamesOnly is the state of the process without personal data of contacts; its
// documents are not in it.
func (p *Process) NamesOnly() *Process {
	c := *p
	c.Interested = namesOnly(p.Interested)
	return &c
}

// NamesOnly is the document without personal data of contacts.
func (d *Document) NamesOnly() *Document {
	c := d.clone()
	c.Interested, c.Recipients = namesOnly(d.Interested), namesOnly(d.Recipients)
	if d.File != nil {
		file := *d.File
		file.Sender = file.Sender.NamesOnly()
		c.File = &file
	}
	return c
}

// Disclosure is what the public page may say about a verification pair.
type Disclosure int

// From "não encontrado" to the document itself.
const (
	// DiscloseNothing: the pair is answered like one that never existed.
	DiscloseNothing Disclosure = iota
	// DiscloseSuperseded: the pair belonged to a version that was replaced.
	DiscloseSuperseded
	// DiscloseSignatures: signatures and whether an uploaded file matches.
	DiscloseSignatures
	// DiscloseDocument: the document and its signatures.
	DiscloseDocument
)

// Discloses judges what anyone who holds document d's verification pair may
// learn: everything of a Public one, only signatures of a Restricted one,
// nothing of a Sealed one or of a minute.
func Discloses(p *Process, d *Document, crc string) Disclosure {
	level := p.GlobalLevel()
	if level == Sealed || d.Cancelled {
		return DiscloseNothing
	}
	if d.Frozen == nil || d.Frozen.CRC != crc {
		if slices.ContainsFunc(d.Superseded, func(f Frozen) bool { return f.CRC == crc }) {
			return DiscloseSuperseded
		}
		return DiscloseNothing
	}
	if d.IsMinute() {
		return DiscloseNothing
	}
	if level == Public {
		return DiscloseDocument
	}
	return DiscloseSignatures
}
