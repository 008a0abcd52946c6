package local

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

func external(name string) func(*sei.Document) {
	return func(d *sei.Document) {
		d.Kind = sei.External
		d.File = &sei.ExternalFile{Content: sei.BlobRef{SHA256: sei.SHA256(address([]byte(name))), Size: int64(len(name)), MIME: "application/pdf", Name: name}}
	}
}

func TestMissingFilesAreThoseOfOpenProcessesTheLatestFirst(t *testing.T) {
	w := newWorld(t)
	at := func(age time.Duration, open bool, level sei.AccessLevel) func(*wire.InboxLine) {
		return func(l *wire.InboxLine) { l.LastEventAt, l.Open, l.Level = w.clock.now.Add(-age), open, level }
	}
	w.sync(wire.UnitBucket(myUnit), w.line("old", at(time.Hour, true, 0)), w.line("new", at(0, true, 0)),
		w.line("closed", at(0, false, 0)), w.line("sealed", at(0, true, sei.Sealed)))
	for _, p := range []sei.ProcessID{"old", "new", "closed", "sealed"} {
		w.sync(wire.ProcessBucket(p), w.document(p, sei.DocumentID("d-"+p), external("file of "+string(p))))
	}
	list := func() string {
		t.Helper()
		missing, err := w.MissingBlobs(w.ctx, 10)
		w.ok(err)
		var names []string
		for _, m := range missing {
			names = append(names, m.Blob.Name)
			if m.Unit != myUnit || m.Document == "" || m.Blob.MIME == "" {
				t.Errorf("download %+v", m)
			}
		}
		return strings.Join(names, ", ")
	}
	if got := list(); got != "file of new, file of old" {
		t.Fatalf("missing: %s", got)
	}
	missing, err := w.MissingBlobs(w.ctx, 1)
	w.ok(err)
	w.refused(w.SaveBlob(w.ctx, missing[0].Blob, strings.NewReader("something else")), sei.CodeInvalid)
	if got := list(); got != "file of new, file of old" {
		t.Fatalf("after a wrong download: %s", got)
	}
	w.ok(w.SaveBlob(w.ctx, missing[0].Blob, strings.NewReader("file of new")))
	if got := list(); got != "file of old" {
		t.Fatalf("after the download: %s", got)
	}
	b, err := w.OpenBlob(w.ctx, missing[0].Blob.SHA256)
	w.ok(err)
	data, err := io.ReadAll(io.NewSectionReader(b, 0, b.Size()))
	if err = errors.Join(err, b.Close()); err != nil || string(data) != "file of new" {
		t.Fatalf("read %q, %v", data, err)
	}
	rest, err := w.MissingBlobs(w.ctx, 1)
	w.ok(err)
	w.ok(w.DropMissing(w.ctx, rest[0], "sem permissão"))
	if why, err := w.WhyMissing(w.ctx, rest[0].Document, rest[0].Blob.SHA256); why != "sem permissão" || err != nil {
		t.Fatalf("why %q, %v", why, err)
	}
	if got := list(); got != "" {
		t.Fatalf("still asked for: %s", got)
	}
	delete(w.blobs.files, string(missing[0].Blob.SHA256)) // lost from the disk
	_, err = w.OpenBlob(w.ctx, missing[0].Blob.SHA256)
	w.refused(err, sei.CodeNotFound)
	if got := list(); got != "file of new" {
		t.Fatalf("a lost file is not asked for again: %q", got)
	}
}

func TestAPinnedFileStaysUntilTheLastReasonIsGone(t *testing.T) {
	w := newWorld(t)
	ref, err := w.PutBlob(w.ctx, strings.NewReader("arquivo"), 100, PinDraft)
	w.ok(err)
	w.ok(w.Pin(w.ctx, ref.SHA256, "monitorada"))
	w.ok(w.Unpin(w.ctx, ref.SHA256, PinDraft))
	if has, err := w.HasBlob(w.ctx, ref.SHA256); !has || err != nil {
		t.Fatalf("a pinned file was erased, %v", err)
	}
	w.ok(w.Unpin(w.ctx, ref.SHA256, "monitorada"))
	if len(w.blobs.files) != 0 {
		t.Fatal("an unneeded file stayed")
	}
	if _, err := w.PutBlob(w.ctx, strings.NewReader("arquivo"), 100, PinDraft); err != nil {
		t.Fatal(err)
	}
	if has, err := w.HasBlob(w.ctx, ref.SHA256); !has || err != nil {
		t.Fatalf("the same file again is not here, %v", err)
	}
}

func TestReasonsOfAnEarlierRunAreTakenBackTogether(t *testing.T) {
	w := newWorld(t)
	left, err := w.PutBlob(w.ctx, strings.NewReader("deixado"), 100, PinOpen+"1")
	w.ok(err)
	kept, err := w.PutBlob(w.ctx, strings.NewReader("rascunho"), 100, PinOpen+"2")
	w.ok(err)
	w.ok(w.Pin(w.ctx, kept.SHA256, PinDraft))
	w.ok(w.Pin(w.ctx, left.SHA256, PinOpen+"3"))
	w.ok(w.UnpinAll(w.ctx, PinOpen))
	w.ok(w.Maintain(w.ctx))
	if has, err := w.HasBlob(w.ctx, left.SHA256); has || err != nil {
		t.Errorf("a file of an earlier run stayed, %v", err)
	}
	if has, err := w.HasBlob(w.ctx, kept.SHA256); !has || err != nil {
		t.Errorf("a file that a draft needs was erased, %v", err)
	}
}

func TestAnUploadIsRemembered(t *testing.T) {
	w := newWorld(t)
	if done, err := w.Uploaded(w.ctx, "s"); done || err != nil {
		t.Fatal(done, err)
	}
	w.ok(w.MarkUploaded(w.ctx, "s"))
	w.ok(w.MarkUploaded(w.ctx, "s"))
	w.reopen()
	if done, err := w.Uploaded(w.ctx, "s"); !done || err != nil {
		t.Fatal(done, err)
	}
}

func TestTheCatalogueFollowsTheSync(t *testing.T) {
	w := newWorld(t)
	b := wire.CatalogueBucket
	empty, err := w.Catalogue(w.ctx)
	w.ok(err)
	if !empty.Empty() {
		t.Fatal("reference data out of nothing")
	}
	w.sync(b, w.row(b, "agency/1", sei.Agency{ID: "1", Acronym: "SPGG"}), w.row(b, "unit/a", sei.Unit{ID: "a", Acronym: "ÓRGÃO"}),
		w.row(b, "unit/b", sei.Unit{ID: "b", Acronym: "Orgao A"}), w.row(b, "unit/c", sei.Unit{ID: "c", Acronym: "ZELO"}),
		w.row(b, "process-type/1", sei.ProcessType{ID: 1, Name: "Pessoal"}), w.row(b, "document-type/2", sei.DocumentType{ID: 2, Name: "Ofício"}),
		w.row(b, "subject/3", sei.Subject{ID: 3, Code: "010"}), w.row(b, "legal-basis/4", sei.LegalBasis{ID: 4, Name: "LAI"}),
		w.row(b, "position/5", sei.NamedItem{ID: 5, Name: "Secretário"}), w.row(b, "conference-type/6", sei.NamedItem{ID: 6, Name: "Cópia"}),
		w.row(b, "extension/pdf", sei.FileExtension{Extension: "pdf", Active: true}), w.row(b, "future/1", 1))
	w.sync(wire.UnitBucket(myUnit), w.row(wire.UnitBucket(myUnit), "member/ana", sei.Member{User: "ana", Name: "Ana"}))
	c, err := w.Catalogue(w.ctx)
	w.ok(err)
	check := func(what string, ok bool) {
		t.Helper()
		if !ok {
			t.Errorf("%s is not in the catalogue", what)
		}
	}
	_, ok := c.Agency("1")
	check("agency", ok)
	_, ok = c.ProcessType(1)
	check("process type", ok)
	_, ok = c.DocumentType(2)
	check("document type", ok)
	_, ok = c.Subject(3)
	check("subject", ok)
	_, ok = c.LegalBasis(4)
	check("legal basis", ok)
	_, ok = c.ConferenceType(6)
	check("conference type", ok)
	_, ok = c.FileExtension("pdf")
	check("extension", ok)
	_, ok = c.Member(myUnit, "ana")
	check("member", ok)
	if _, ok := c.Member("a", "ana"); ok {
		t.Error("a member of another unit")
	}
	if len(c.Agencies())+len(c.ProcessTypes())+len(c.DocumentTypes())+len(c.Subjects())+len(c.LegalBases())+
		len(c.Positions())+len(c.ConferenceTypes())+len(c.FileExtensions())+len(c.Members(myUnit)) != 9 {
		t.Error("a list is not whole")
	}
	var units []string
	for _, u := range c.Units() {
		units = append(units, u.Acronym)
	}
	if got := fmt.Sprint(units); got != "[ÓRGÃO Orgao A ZELO]" {
		t.Errorf("units %s", got)
	}
	w.sync(b, w.row(b, "agency/1", nil))
	if again, err := w.Catalogue(w.ctx); err != nil || len(again.Agencies()) != 0 || len(c.Agencies()) != 1 {
		t.Error("the old snapshot changed, or the new one did not")
	}
}

func TestTheUnitsAreTheLoginsUntilTheFirstSync(t *testing.T) {
	w := newWorld(t)
	units, err := w.Units(w.ctx)
	w.ok(err)
	if len(units) != 1 || units[0].Unit != myUnit {
		t.Fatalf("units %+v", units)
	}
	b := wire.UserBucket(myUser)
	w.sync(b, w.row(b, "unit/u-2", wire.UserUnitRow{Unit: "u-2", Profiles: []sei.Profile{sei.ProfileBasic}}))
	if units, err = w.Units(w.ctx); err != nil || len(units) != 1 || units[0].Unit != "u-2" {
		t.Fatalf("units %+v, %v", units, err)
	}
}

func TestTheListIsFilteredAsTheServantAsks(t *testing.T) {
	w := newWorld(t)
	w.sync(wire.UnitBucket(myUnit),
		w.line("a", func(l *wire.InboxLine) { l.AssignedTo, l.Specification, l.Number = myUser, "100% algodão", "1" }),
		w.line("b", func(l *wire.InboxLine) { l.Received, l.Number, l.Type = false, "26/1300-0000002-2", 7 }),
		w.line("c", func(l *wire.InboxLine) { l.Generated, l.Number, l.Interested = true, "3", []string{"Maria"} }),
		w.line("d", func(l *wire.InboxLine) { l.Open, l.Number = false, "4" }))
	for name, c := range map[string]struct {
		q    InboxQuery
		want string
	}{
		"open":        {InboxQuery{Sort: SortNumber}, "a b c"},
		"reverse":     {InboxQuery{Sort: SortNumber, Reverse: true}, "c b a"},
		"closed too":  {InboxQuery{Sort: SortNumber, IncludeClosed: true}, "a b c d"},
		"received":    {InboxQuery{Column: ColumnReceived, Sort: SortNumber}, "a b"},
		"generated":   {InboxQuery{Column: ColumnGenerated}, "c"},
		"red":         {InboxQuery{NotReceived: true}, "b"},
		"mine":        {InboxQuery{AssignedTo: myUser}, "a"},
		"nobody's":    {InboxQuery{Unassigned: true, Sort: SortNumber}, "b c"},
		"type":        {InboxQuery{Type: 7}, "b"},
		"percent":     {InboxQuery{Text: "100%"}, "a"},
		"underscore":  {InboxQuery{Text: "_"}, ""},
		"accents":     {InboxQuery{Text: "ALGODAO"}, "a"},
		"number":      {InboxQuery{Text: "26130000000022"}, "b"},
		"interested":  {InboxQuery{Text: "maria"}, "c"},
		"second page": {InboxQuery{Sort: SortNumber, Offset: 1, Limit: 1}, "b"},
		"unknown":     {InboxQuery{Sort: "'; DROP TABLE inbox", Type: 7}, "b"},
	} {
		page, err := w.Inbox(w.ctx, myUnit, c.q)
		w.ok(err)
		var got []string
		for _, l := range page.Lines {
			got = append(got, string(l.Process))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, want %s", name, got, c.want)
		}
	}
	counts, err := w.InboxCounts(w.ctx, myUnit, myUser)
	w.ok(err)
	if counts != (InboxCounts{Received: 2, Generated: 1, NotReceived: 1, AssignedTo: 1}) {
		t.Fatalf("counts %+v", counts)
	}
	// What the unit made and another sent back is as unseen as what comes for the first time.
	w.sync(wire.UnitBucket(myUnit), w.line("c", func(l *wire.InboxLine) { l.Generated, l.Received, l.Number = true, false, "3" }))
	counts, err = w.InboxCounts(w.ctx, myUnit, myUser)
	w.ok(err)
	if counts != (InboxCounts{Received: 2, Generated: 1, NotReceived: 2, Returned: 1, AssignedTo: 1}) {
		t.Fatalf("counts %+v", counts)
	}
	if l, ok, err := w.InboxLine(w.ctx, myUnit, "b"); err != nil || !ok || l.Type != 7 {
		t.Fatalf("line %+v, %v", l, err)
	}
}

func TestChangesAreToldAfterTheyAreStored(t *testing.T) {
	w := newWorld(t)
	var told []Change
	w.opts.Changed = func(c Change) { told = append(told, c) }
	w.sync(wire.UnitBucket(myUnit), w.line("p1", nil))
	w.queue("p1", sei.Receive{})
	w.ok(w.SaveDraft(w.ctx, Draft{Document: "d"}))
	if len(told) != 3 || told[0].Bucket != wire.UnitBucket(myUnit) || told[0].Processes[0] != "p1" || !told[1].Outbox || !told[2].Drafts {
		t.Fatalf("told %+v", told)
	}
	_, err := w.ApplyPage(w.ctx, wire.Page{})
	w.refused(err, sei.CodeInvalid)
	if len(told) != 3 {
		t.Fatal("told of what did not happen")
	}
}
