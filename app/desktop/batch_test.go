package desktop

import (
	"bufio"
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/app/evidence"
	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/keys"
	"github.com/sei-rs/sei-rs-desktop/internal/keys/pfx"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/trust/trainingca"
)

const testPIN = "ensaio-4321"

// signerFile writes a PFX of the chief under a new training authority and gives
// the authority's root.
func signerFile(t *testing.T) (path, roots string) {
	t.Helper()
	who, _ := central.DemoPerson(chief.agency, chief.login)
	return signerFileOf(t, trainingca.Person{Name: who.Name, CPF: who.CPF, BirthDate: time.Date(1980, 1, 2, 0, 0, 0, 0, time.UTC)}, trainingca.IssueOptions{Key: trainingca.ECDSAP256})
}

func signerFileOf(t *testing.T, who trainingca.Person, o trainingca.IssueOptions) (path, roots string) {
	t.Helper()
	ca, err := trainingca.New("Ensaio", time.Now(), trainingca.ECDSAP256)
	must(t, err)
	id, err := ca.Issue(who, o)
	must(t, err)
	data, err := id.PFX(testPIN)
	must(t, err)
	path = filepath.Join(t.TempDir(), "chefe.pfx")
	must(t, os.WriteFile(path, data, 0o600))
	return path, string(trainingca.CertificatePEM(ca.Root))
}

// trusting makes a central trust the roots, and judge by them.
func trusting(roots string) func(*central.Config) {
	return func(c *central.Config) {
		judge, err := evidence.New(roots)
		if err != nil {
			panic(err)
		}
		c.TrustRoots, c.Judge = roots, judge
	}
}

// faultyKeys is a store of one PFX file whose sessions do, before the signature
// with a number, what the test says.
type faultyKeys struct {
	*pfx.Store
	before func(n int) error
	opened int
	signed int
}

func (k *faultyKeys) Open(ctx context.Context, id string, secret keys.Secret) (keys.Session, error) {
	s, err := k.Store.Open(ctx, id, secret)
	if err != nil {
		return nil, err
	}
	k.opened++
	return &faultySession{Session: s, keys: k}, nil
}

type faultySession struct {
	keys.Session
	keys *faultyKeys
}

func (s *faultySession) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if err := s.keys.before(s.keys.signed + 1); err != nil {
		return nil, err
	}
	s.keys.signed++
	return s.Session.Sign(random, digest, opts)
}

func (s *faultySession) Chain() []*x509.Certificate { return s.Session.Chain() }

// useKeys makes the file the desk's only certificate and gives its id.
func (d *Desk) useKeys(ctx context.Context, file string, before func(n int) error) (*faultyKeys, string, error) {
	if before == nil {
		before = func(int) error { return nil }
	}
	store := pfx.New(pfx.Options{})
	cert, err := store.Add(ctx, file, keys.NewSecretString(testPIN))
	if err != nil {
		return nil, "", err
	}
	k := &faultyKeys{Store: store, before: before}
	d.certs.directory.SetStores(k)
	return k, cert.ID, nil
}

// minutes makes processes with a written minute each, and two in the first.
func (d *testDesk) minutes(n int) []DocumentRef {
	d.t.Helper()
	var out []DocumentRef
	process, document := d.start()
	for i := range n {
		switch {
		case i == 1:
			q, err := d.docs.AddInternal(DocumentForm{Process: process, Type: typeDispatch})
			must(d.t, err)
			document = q.Doc
		case i > 1:
			process, document = d.start()
		}
		d.save(process, document, d.edit(process, document).Base, fmt.Sprintf("Despacho número %d.", i+1))
		out = append(out, DocumentRef{process, document})
	}
	d.awaitSent()
	d.await("the minutes have arrived", func() bool {
		return !slices.ContainsFunc(out, func(r DocumentRef) bool {
			v := d.view(r.Process)
			return !v.Official || slices.ContainsFunc(v.Documents, func(x DocumentView) bool { return x.State != "registered" })
		})
	})
	return out
}

func (d *testDesk) signing() *Signing { return &Signing{d.Desk} }

func (d *testDesk) prepare(refs ...DocumentRef) SignPreparation {
	d.t.Helper()
	p, err := d.signing().Prepare(refs)
	must(d.t, err)
	for _, i := range p.Items {
		if len(i.Problems) > 0 {
			d.t.Fatalf("%s cannot be signed: %v", i.Title, i.Problems)
		}
	}
	return p
}

func (p SignPreparation) form(certificate string) SignForm {
	return SignForm{Items: p.Items, Certificate: certificate, PIN: testPIN, Agency: p.Agency, Position: "Chefe de Gabinete"}
}

// batchOver waits until the batch has ended and gives it.
func (d *testDesk) batchOver(id string) BatchView {
	d.t.Helper()
	var v BatchView
	d.await("the batch is over", func() bool {
		var err error
		v, err = d.signing().Batch(id)
		must(d.t, err)
		return v.State != "running"
	})
	return v
}

// signedOnce insists that the central has exactly one signature on each document.
func (d *testDesk) signedOnce(refs []DocumentRef) {
	d.t.Helper()
	d.awaitSent()
	d.await("every document shows its signature", func() bool {
		return !slices.ContainsFunc(refs, func(r DocumentRef) bool { return len(d.signatures(r)) == 0 || d.signatures(r)[0].Queued })
	})
	for _, r := range refs {
		if s := d.signatures(r); len(s) != 1 || s[0].Verdict != string(sei.VerdictValid) {
			d.t.Errorf("document %s bears %d signatures: %+v", r.Document, len(s), s)
		}
	}
}

func (d *testDesk) signatures(r DocumentRef) []SignatureView {
	for _, x := range d.view(r.Process).Documents {
		if x.ID == r.Document {
			return x.Signatures
		}
	}
	return nil
}

func TestOnePINSignsDocumentsOfSeveralProcesses(t *testing.T) {
	file, roots := signerFile(t)
	w := newWorld(t, trusting(roots))
	d := w.loggedIn(chief)
	k, cert, err := d.useKeys(t.Context(), file, nil)
	must(t, err)
	refs := d.minutes(4)
	list, err := d.signing().ToSign()
	must(t, err)
	if len(list.Lines) < 4 {
		t.Errorf("%d minutes are offered for signing, not 4", len(list.Lines))
	}
	begun, err := d.signing().Sign(d.prepare(refs...).form(cert))
	must(t, err)
	over := d.batchOver(begun.ID)
	if over.State != "done" || over.Signed != 4 || k.opened != 1 {
		t.Fatalf("%d sessions; the batch ended as %+v", k.opened, over)
	}
	d.signedOnce(refs)
	// The result goes on to what the central said.
	d.await("the batch shows the central's answers", func() bool { return d.batchOver(begun.ID).Registered == 4 })
	if list, err = d.signing().ToSign(); err != nil || slices.ContainsFunc(list.Lines, func(l ToSignLine) bool { return l.Document == refs[0].Document }) {
		t.Errorf("a signed document is still offered: %v, %v", list, err)
	}
}

func TestAWrongPINSignsNothingAndIsTriedOnce(t *testing.T) {
	file, roots := signerFile(t)
	w := newWorld(t, trusting(roots))
	d := w.loggedIn(chief)
	_, cert, err := d.useKeys(t.Context(), file, nil)
	must(t, err)
	form := d.prepare(d.minutes(2)...).form(cert)
	form.PIN = "errado"
	_, err = d.signing().Sign(form)
	wantCode(t, err, keys.CodePFXPasswordWrong)
	open, err := d.signing().Unfinished()
	must(t, err)
	if len(open) > 0 {
		t.Errorf("a batch that did not begin is offered again: %+v", open)
	}
	form.PIN = testPIN // the next try is not held up by the first
	begun, err := d.signing().Sign(form)
	must(t, err)
	if over := d.batchOver(begun.ID); over.Signed != 2 {
		t.Errorf("ended as %+v", over)
	}
}

func TestATokenTakenOutStopsTheBatchAndTheRestIsSignedAfterwards(t *testing.T) {
	file, roots := signerFile(t)
	w := newWorld(t, trusting(roots))
	d := w.loggedIn(chief)
	_, cert, err := d.useKeys(t.Context(), file, func(n int) error {
		if n == 3 {
			return keys.ErrTokenRemoved(errors.New("pulled out"))
		}
		return nil
	})
	must(t, err)
	refs := d.minutes(4)
	begun, err := d.signing().Sign(d.prepare(refs...).form(cert))
	must(t, err)
	over := d.batchOver(begun.ID)
	if over.State != "stopped" || over.Code != string(keys.CodeTokenRemoved) || over.Signed != 2 || over.Left != 2 || over.Lines[2].State != "left" {
		t.Fatalf("ended as %+v", over)
	}
	_, cert, err = d.useKeys(t.Context(), file, nil)
	must(t, err)
	rest := d.prepare(left(over)...).form(cert)
	rest.InPlaceOf = []string{over.ID}
	begun, err = d.signing().Sign(rest)
	must(t, err)
	if over = d.batchOver(begun.ID); over.Signed != 2 {
		t.Fatalf("the rest ended as %+v", over)
	}
	d.signedOnce(refs)
}

// left are the documents that a batch has not signed.
func left(b BatchView) []DocumentRef {
	var out []DocumentRef
	for _, l := range b.Lines {
		if l.State == "left" {
			out = append(out, DocumentRef{l.ProcessID, l.Document})
		}
	}
	return out
}

func TestACancelledBatchKeepsWhatItHasSigned(t *testing.T) {
	file, roots := signerFile(t)
	w := newWorld(t, trusting(roots))
	d := w.loggedIn(chief)
	reached, goOn := make(chan struct{}), make(chan struct{})
	_, cert, err := d.useKeys(t.Context(), file, func(n int) error {
		if n == 2 {
			close(reached)
			<-goOn
		}
		return nil
	})
	must(t, err)
	refs := d.minutes(3)
	form := d.prepare(refs...).form(cert)
	begun, err := d.signing().Sign(form)
	must(t, err)
	<-reached
	if _, err := d.signing().Sign(form); sei.CodeOf(err) != sei.CodeConflict {
		t.Errorf("two batches at once: %v", err)
	}
	must(t, d.signing().Cancel(begun.ID))
	close(goOn)
	over := d.batchOver(begun.ID)
	if over.State != "stopped" || over.Code != string(keys.CodeCanceled) || over.Signed != 2 || over.Left != 1 {
		t.Errorf("ended as %+v", over)
	}
	if open, err := d.signing().Unfinished(); err != nil || len(open) > 0 {
		t.Errorf("what the servant cancelled is offered again: %v, %v", open, err)
	}
}

func TestWhatCannotBeSignedSaysWhyBeforeThePINAndTheRestGoesOn(t *testing.T) {
	file, roots := signerFile(t)
	w := newWorld(t, trusting(roots))
	d := w.loggedIn(chief)
	_, cert, err := d.useKeys(t.Context(), file, nil)
	must(t, err)
	refs := d.minutes(2)
	process := refs[0].Process
	add := func(text string) DocumentRef {
		q, err := d.docs.AddInternal(DocumentForm{Process: process, Type: typeDispatch})
		must(t, err)
		if text != "" {
			_, err = d.docs.Save(process, q.Doc, d.edit(process, q.Doc).Base, text, nil)
			must(t, err)
		}
		return DocumentRef{process, q.Doc}
	}
	blank := add("")
	field := add(`{"type":"doc","attrs":{"schema":1},"content":[{"type":"paragraph","content":[{"type":"field","attrs":{"name":"destinatarios"}}]}]}`)
	p, err := d.signing().Prepare([]DocumentRef{refs[0], blank, field, refs[1]})
	must(t, err)
	for i, want := range []string{"", "em branco", "campo", ""} {
		got := strings.Join(p.Items[i].Problems, " ")
		if (want == "") != (got == "") || !strings.Contains(strings.ToLower(got), want) {
			t.Errorf("document %d: %q, want something about %q", i, got, want)
		}
	}
	form := p.form(cert)
	form.Items = []SignItem{p.Items[0], p.Items[3]}
	begun, err := d.signing().Sign(form)
	must(t, err)
	if over := d.batchOver(begun.ID); over.Signed != 2 {
		t.Errorf("the rest ended as %+v", over)
	}
}

func TestACertificateThatCannotSignIsToldBeforeThePIN(t *testing.T) {
	who, _ := central.DemoPerson(chief.agency, chief.login)
	born := time.Date(1980, 1, 2, 0, 0, 0, 0, time.UTC)
	mine := trainingca.Person{Name: who.Name, CPF: who.CPF, BirthDate: born}
	other := trainingca.Person{Name: "Outra Pessoa", CPF: "52998224725", BirthDate: born}
	year := 365 * 24 * time.Hour
	for name, c := range map[string]struct {
		person trainingca.Person
		issue  trainingca.IssueOptions
		words  string // "" when it may sign
	}{
		"fit":           {mine, trainingca.IssueOptions{}, ""},
		"expired":       {mine, trainingca.IssueOptions{NotBefore: time.Now().Add(-2 * year), NotAfter: time.Now().Add(-year)}, "venceu"},
		"not yet valid": {mine, trainingca.IssueOptions{NotBefore: time.Now().Add(year), NotAfter: time.Now().Add(2 * year)}, "só vale a partir"},
		"another's":     {other, trainingca.IssueOptions{}, "outra pessoa"},
	} {
		t.Run(name, func(t *testing.T) {
			c.issue.Key = trainingca.ECDSAP256
			file, roots := signerFileOf(t, c.person, c.issue)
			w := newWorld(t, trusting(roots))
			d := w.loggedIn(chief)
			k, cert, err := d.useKeys(t.Context(), file, nil)
			must(t, err)
			d.certs.directory.Fresh(t.Context())
			p := d.prepare(d.minutes(1)...)
			check, err := d.signing().Check(SignCheckForm{Items: p.Items, Certificate: cert, Agency: p.Agency})
			must(t, err)
			var told []string
			for _, f := range check.Findings {
				if f.Blocks {
					told = append(told, f.Message)
				}
			}
			_, err = d.signing().Sign(p.form(cert))
			if c.words == "" {
				if len(told) > 0 || err != nil || check.Level != string(sei.LevelQualified) {
					t.Errorf("%v, %v, level %s", told, err, check.Level)
				}
				return
			}
			if len(told) == 0 || !strings.Contains(strings.Join(told, " "), c.words) || err == nil || k.opened != 0 {
				t.Errorf("told %q; signing: %v after %d sessions", told, err, k.opened)
			}
		})
	}
}

func TestADocumentThatChangedSinceItWasShownIsNotSigned(t *testing.T) {
	file, roots := signerFile(t)
	w := newWorld(t, trusting(roots))
	d := w.loggedIn(chief)
	k, cert, err := d.useKeys(t.Context(), file, nil)
	must(t, err)
	refs := d.minutes(2)
	form := d.prepare(refs...).form(cert)
	d.save(refs[0].Process, refs[0].Document, d.edit(refs[0].Process, refs[0].Document).Base, "Outro texto.")
	begun, err := d.signing().Sign(form)
	must(t, err)
	over := d.batchOver(begun.ID)
	if over.Failed != 1 || over.Signed != 1 || over.Lines[0].Code != string(sei.CodeContentDiffers) || k.signed != 1 {
		t.Errorf("%d signatures; ended as %+v", k.signed, over)
	}
}

func TestAPasswordSignsABatchAndAWrongOneSignsNothing(t *testing.T) {
	w := newWorld(t)
	d := w.loggedIn(chief)
	refs := d.minutes(3)
	p := d.prepare(refs...)
	form := PasswordSignForm{Items: p.Items, Password: "errada", Agency: p.Agency, Position: "Chefe de Gabinete"}
	begun, err := d.signing().SignWithPassword(form)
	must(t, err)
	if over := d.batchOver(begun.ID); over.State != "stopped" || over.Code != codePasswordWrong || over.Left != 3 {
		t.Fatalf("a wrong password ended as %+v", over)
	}
	form.Password, form.InPlaceOf = central.DemoPassword, []string{begun.ID}
	begun, err = d.signing().SignWithPassword(form)
	must(t, err)
	if over := d.batchOver(begun.ID); over.State != "done" || over.Registered != 3 {
		t.Fatalf("the right one ended as %+v", over)
	}
	d.signedOnce(refs)
}

const (
	batchProfile   = "SEIRS_TEST_BATCH_PROFILE"
	batchFile      = "SEIRS_TEST_BATCH_FILE"
	batchDocuments = "SEIRS_TEST_BATCH_DOCUMENTS"
	batchDeath     = "SEIRS_TEST_BATCH_DEATH"
)

// A desk that is killed while it signs goes on where it stood, and signs nothing twice.
func TestABatchCutShortByAKillIsTakenUpAgainAndNothingIsSignedTwice(t *testing.T) {
	file, roots := signerFile(t)
	for _, death := range []int{1, 3} {
		t.Run(fmt.Sprintf("while signing document %d", death), func(t *testing.T) {
			w := newWorld(t, trusting(roots))
			profile := t.TempDir()
			first := w.login(profile, chief)
			refs := first.minutes(4)
			must(t, first.Close())
			killWhileSigning(t, profile, file, refs, death)

			d := w.desk(profile)
			_, err := d.session.Login(w.form(chief, central.DemoPassword))
			must(t, err)
			open, err := d.signing().Unfinished()
			must(t, err)
			if len(open) != 1 || open[0].State != "interrupted" || open[0].Signed != death-1 || open[0].Left != 5-death {
				t.Fatalf("after the kill the desk offers %+v", open)
			}
			_, cert, err := d.useKeys(t.Context(), file, nil)
			must(t, err)
			form := d.prepare(left(open[0])...).form(cert)
			form.InPlaceOf = []string{open[0].ID}
			begun, err := d.signing().Sign(form)
			must(t, err)
			if over := d.batchOver(begun.ID); over.Signed != 5-death {
				t.Fatalf("taken up again it ended as %+v", over)
			}
			if open, err = d.signing().Unfinished(); err != nil || len(open) > 0 {
				t.Errorf("it is still offered: %v, %v", open, err)
			}
			d.signedOnce(refs)
		})
	}
}

// killWhileSigning kills a desk whose key has been asked for the signature with
// the number death and has not answered.
func killWhileSigning(t *testing.T, profile, file string, refs []DocumentRef, death int) {
	t.Helper()
	var documents []string
	for _, r := range refs {
		documents = append(documents, r.Process+"/"+r.Document)
	}
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), batchProfile+"="+profile, batchFile+"="+file, batchDeath+"="+strconv.Itoa(death),
		batchDocuments+"="+strings.Join(documents, ","))
	out, err := child.StdoutPipe()
	must(t, err)
	var complaints bytes.Buffer
	child.Stderr = &complaints
	must(t, child.Start())
	lines, ready := bufio.NewScanner(out), false
	for !ready && lines.Scan() {
		ready = lines.Text() == "signing"
	}
	must(t, child.Process.Kill())
	_ = child.Wait()
	if !ready {
		t.Fatalf("the desk did not come to sign: %s", complaints.String())
	}
}

// signUntilKilled is the child: it opens the profile without network and signs.
func signUntilKilled(profile string) {
	fail := func(err error) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	d, err := New(Options{Profile: profile, Version: "test"})
	if err != nil {
		fail(err)
	}
	if _, err := (&Session{d}).Unlock(chief.agency, chief.login, central.DemoPassword); err != nil {
		fail(err)
	}
	death, _ := strconv.Atoi(os.Getenv(batchDeath))
	_, cert, err := d.useKeys(context.Background(), os.Getenv(batchFile), func(n int) error {
		if n == death {
			fmt.Println("signing")
			select {} // the key hangs until the desk is killed
		}
		return nil
	})
	if err != nil {
		fail(err)
	}
	var refs []DocumentRef
	for _, one := range strings.Split(os.Getenv(batchDocuments), ",") {
		process, document, _ := strings.Cut(one, "/")
		refs = append(refs, DocumentRef{process, document})
	}
	p, err := (&Signing{d}).Prepare(refs)
	if err != nil {
		fail(err)
	}
	if _, err := (&Signing{d}).Sign(p.form(cert)); err != nil {
		fail(err)
	}
	select {}
}

func TestAStampGoesWhereItWasPutAndTheTypeRemembersIt(t *testing.T) {
	file, roots := signerFile(t)
	w := newWorld(t, trusting(roots))
	d := w.loggedIn(chief)
	_, cert, err := d.useKeys(t.Context(), file, nil)
	must(t, err)
	refs := d.minutes(2)
	p := d.prepare(refs[0])
	if p.Items[0].Stamp.Mode != stampAtEnd || !p.Items[0].AtEnd {
		t.Fatalf("a despacho's stamp begins at %+v", p.Items[0].Stamp)
	}
	chosen := StampPlace{Mode: stampOnPage, Page: 1, Left: 100, Bottom: 200, Right: 340, Top: 240}
	form := p.form(cert)
	form.Items[0].Stamp = StampPlace{Mode: stampOnPage, Page: 1, Left: 100, Bottom: 200, Right: 101, Top: 201}
	if _, err = d.signing().Sign(form); sei.CodeOf(err) != sei.CodeInvalid {
		t.Errorf("a stamp of one point: %v", err)
	}
	form.Items[0].Stamp = chosen
	begun, err := d.signing().Sign(form)
	must(t, err)
	if over := d.batchOver(begun.ID); over.Signed != 1 {
		t.Fatalf("ended as %+v", over)
	}
	signed := d.fileOf(refs[0])
	if !bytes.Contains(signed, []byte("/Rect[100 200 340 240]")) && !bytes.Contains(signed, []byte("/Rect [100 200 340 240]")) {
		t.Error("the stamp is not where it was put")
	}
	if again := d.prepare(refs[1]); again.Items[0].Stamp != chosen {
		t.Errorf("the next document of the type begins at %+v", again.Items[0].Stamp)
	}
}

// fileOf reads what the viewer shows of a document.
func (d *testDesk) fileOf(r DocumentRef) []byte {
	d.t.Helper()
	a, err := d.current()
	must(d.t, err)
	o, _, err := a.view(d.t.Context(), sei.ProcessID(r.Process))
	must(d.t, err)
	in, err := a.store.OpenBlob(d.t.Context(), shownBlob(o.process.Documents[sei.DocumentID(r.Document)]).SHA256)
	must(d.t, err)
	defer closeQuietly(in, d.log, "a file")
	data, err := io.ReadAll(io.NewSectionReader(in, 0, in.Size()))
	must(d.t, err)
	return data
}

func TestAPlainFileIsSignedInAFileBesideIt(t *testing.T) {
	file, roots := signerFile(t)
	w := newWorld(t, trusting(roots))
	d := w.loggedIn(chief)
	_, cert, err := d.useKeys(t.Context(), file, nil)
	must(t, err)
	process, _ := d.start()
	const content = "a;b\n1;2\n"
	staged, err := d.stageReader(t.Context(), "dados.txt", int64(len(content)), strings.NewReader(content))
	must(t, err)
	q, err := d.docs.RegisterExternal(d.external(process, staged.ID))
	must(t, err)
	d.awaitSent()
	ref := DocumentRef{process, q.Doc}
	begun, err := d.signing().Sign(d.prepare(ref).form(cert))
	must(t, err)
	if over := d.batchOver(begun.ID); over.Signed != 1 {
		t.Fatalf("ended as %+v", over)
	}
	d.signedOnce([]DocumentRef{ref})
	if string(d.fileOf(ref)) != content {
		t.Error("the file itself was changed")
	}
}
