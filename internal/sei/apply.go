package sei

import (
	"maps"
	"slices"
)

// NewProcess is the state before the first event.
func NewProcess() *Process {
	return &Process{State: StateNormal, Units: map[UnitID]UnitState{}, Documents: map[DocumentID]*Document{}}
}

// Clone copies the process so deep that applying events to the copy leaves the
// original as it was.
func (p *Process) Clone() *Process {
	c := *p
	c.Subjects = slices.Clone(p.Subjects)
	c.Interested = slices.Clone(p.Interested)
	c.FormerNumbers = slices.Clone(p.FormerNumbers)
	c.Units = maps.Clone(p.Units)
	if c.Units == nil {
		c.Units = map[UnitID]UnitState{}
	}
	c.Order = slices.Clone(p.Order)
	c.Acks = slices.Clone(p.Acks)
	c.Documents = make(map[DocumentID]*Document, len(p.Documents))
	for id, d := range p.Documents {
		c.Documents[id] = d.clone()
	}
	return &c
}

func (d *Document) clone() *Document {
	c := *d
	c.Superseded = slices.Clone(d.Superseded)
	c.Signatures = slices.Clone(d.Signatures)
	c.Acks = slices.Clone(d.Acks)
	return &c
}

// Apply folds one event into the state. It never fails: what an event says has
// happened. Unknown events only count.
func (p *Process) Apply(e Event) {
	p.Version++
	p.LastEventAt = e.At
	switch pl := e.Payload.(type) {
	case ProcessStarted:
		p.applyStarted(e, pl)
	case DocumentAdded:
		p.addDocument(e, Internal, pl, nil)
	case ExternalRegistered:
		file := pl.File
		p.addDocument(e, External, pl.DocumentAdded, &file)
	case DocumentSigned:
		p.applySigned(pl)
	case SignatureRaised:
		p.applyRaised(pl)
	case SignaturesWithdrawn:
		p.applyWithdrawn(pl)
	case ContentDelivered:
		if d := p.Documents[pl.Document]; d != nil {
			d.Delivered = true
		}
	case ProcessSent:
		p.applySent(e, pl)
	case ProcessReceived:
		p.updateUnit(e, func(u *UnitState) { u.Received = true })
	case ProcessAssigned:
		p.updateUnit(e, func(u *UnitState) { u.AssignedTo = pl.To })
	case UnitConcluded:
		p.updateUnit(e, func(u *UnitState) { u.Open, u.Received, u.AssignedTo, u.Since = false, true, "", e.At })
	case UnitReopened:
		p.updateUnit(e, func(u *UnitState) { u.Open, u.Received, u.AssignedTo, u.Since = true, true, e.User, e.At })
	case ProcessAcknowledged:
		p.Acks = append(p.Acks, Ack{User: e.User, Name: pl.Name, Unit: e.Unit, At: e.At})
	case DocumentAcknowledged:
		if d := p.Documents[pl.Document]; d != nil {
			d.Acks = append(d.Acks, Ack{User: e.User, Name: pl.Name, Unit: e.Unit, At: e.At})
		}
	}
}

func (p *Process) applyStarted(e Event, s ProcessStarted) {
	p.ID, p.Number, p.Type, p.Specification = s.Process, s.Number, s.Type, s.Specification
	p.Subjects, p.Interested = s.Subjects, s.Interested
	p.LocalLevel, p.LegalBasis = s.Level, s.LegalBasis
	p.GeneratingUnit, p.Agency = e.Unit, s.Agency
	p.StartedBy, p.StartedAt, p.FilingDate, p.FormerNumbers = e.User, e.At, s.FilingDate, s.FormerNumbers
	p.State = StateNormal
	p.Units[e.Unit] = UnitState{Open: true, Received: true, Generated: true, Since: e.At}
}

func (p *Process) addDocument(e Event, kind DocumentKind, a DocumentAdded, file *ExternalFile) {
	p.Documents[a.Document] = &Document{
		ID: a.Document, Process: p.ID, Kind: kind, SEINumber: a.SEINumber, Type: a.Type, Number: a.Number,
		TreeName: a.TreeName, Description: a.Description, Interested: a.Interested, Recipients: a.Recipients,
		LocalLevel: a.Level, LegalBasis: a.LegalBasis,
		GeneratingUnit: e.Unit, AddedBy: e.User, AddedAt: e.At, File: file,
	}
	p.Order = append(p.Order, a.Document)
	p.HighestDocumentLevel = max(p.HighestDocumentLevel, a.Level)
}

func (p *Process) applySigned(s DocumentSigned) {
	d := p.Documents[s.Document]
	if d == nil {
		return
	}
	if d.Kind == Internal && s.Frozen != nil && (d.Frozen == nil || d.Frozen.Revision != s.Frozen.Revision) {
		if d.Frozen != nil {
			d.Superseded = append(d.Superseded, *d.Frozen)
		}
		frozen := *s.Frozen
		d.Frozen = &frozen
	}
	d.Signatures = append(d.Signatures, s.Signature)
}

func (p *Process) applyRaised(r SignatureRaised) {
	d := p.Documents[r.Document]
	if d == nil {
		return
	}
	for i := range d.Signatures {
		if s := &d.Signatures[i]; s.ID == r.Signature {
			s.Raised = append(s.Raised[:len(s.Raised):len(s.Raised)], r.Raising)
		}
	}
}

func (p *Process) applyWithdrawn(w SignaturesWithdrawn) {
	d := p.Documents[w.Document]
	if d == nil {
		return
	}
	d.Signatures = nil
	if d.Frozen != nil {
		d.Superseded = append(d.Superseded, *d.Frozen)
		d.Frozen = nil
	}
}

// applySent opens the process in each destination and blackens the pens: what
// was sent has left the generating unit's hands.
func (p *Process) applySent(e Event, s ProcessSent) {
	for _, to := range s.To {
		u := p.Units[to]
		u.Open, u.Received, u.AssignedTo, u.From, u.Since = true, false, "", e.Unit, e.At
		p.Units[to] = u
	}
	for _, d := range p.Documents {
		if d.Signed() || d.Kind == External {
			d.Delivered = true
		}
	}
}

func (p *Process) updateUnit(e Event, change func(*UnitState)) {
	u := p.Units[e.Unit]
	change(&u)
	p.Units[e.Unit] = u
}
