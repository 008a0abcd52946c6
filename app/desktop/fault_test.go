package desktop

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/local"
	"github.com/sei-rs/sei-rs-desktop/internal/pdf"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

func TestAWrongPasswordOpensNothing(t *testing.T) {
	w := newWorld(t)
	profile := t.TempDir()
	d := w.desk(profile)
	_, err := d.session.Login(w.form(chief, "errada"))
	wantCode(t, err, "login.wrong")
	if v, err := d.session.State(); err != nil || v.Phase == "ready" || len(v.Accounts) > 0 {
		t.Fatalf("after a wrong password the desk shows %+v, %v", v, err)
	}
	_, err = d.session.Login(w.form(chief, central.DemoPassword))
	must(t, err)
	_, err = d.session.Lock()
	must(t, err)
	_, err = d.session.Unlock(chief.agency, chief.login, "errada")
	wantCode(t, err, local.CodeWrongPassword)
	if _, err := d.current(); err == nil {
		t.Error("a wrong password opened the account without network")
	}
	_, err = d.session.Unlock(chief.agency, chief.login, central.DemoPassword)
	must(t, err)
}

func TestAPushWhoseAnswerIsLostIsAcceptedExactlyOnce(t *testing.T) {
	w := newWorld(t)
	d := w.loggedIn(chief)
	w.wire.loseNext("/v1/push")
	process, document := d.start()
	d.awaitSent()
	if lost, pushes := w.wire.counts(); lost != 1 || pushes < 2 {
		t.Fatalf("%d answers lost, %d pushes", lost, pushes)
	}
	v := d.view(process)
	if len(v.Documents) != 1 || v.Documents[0].ID != document {
		t.Errorf("the tree shows %+v", v.Documents)
	}
	other, _ := d.start()
	d.awaitSent()
	// The sequence stands before the year: two acts, two numbers, no gap.
	if a, b := sequenceOf(t, v.Number), sequenceOf(t, d.view(other).Number); b != a+1 {
		t.Errorf("%s is followed by %s", v.Number, d.view(other).Number)
	}
	n, err := w.svc.CountProcesses(t.Context())
	must(t, err)
	if n != 2 {
		t.Errorf("the central has %d processes, not 2", n)
	}
	refused, err := d.outbox.Refused()
	must(t, err)
	if len(refused) > 0 {
		t.Errorf("refused: %+v", refused)
	}
}

func sequenceOf(t *testing.T, number string) int {
	t.Helper()
	head, _, ok := strings.Cut(number, "/")
	n, err := strconv.Atoi(head[strings.LastIndex(head, ".")+1:])
	if !ok || err != nil {
		t.Fatalf("%q is no process number", number)
	}
	return n
}

// unread fails the test that reads it.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("a file over the limit was read")
	return 0, io.EOF
}

func TestAFileOverTheCentralsLimitIsRefusedBeforeItIsCopied(t *testing.T) {
	w := newWorld(t, func(c *central.Config) { c.MaxFileBytes = 1 << 20 })
	d := w.loggedIn(chief)
	_, err := d.stageReader(t.Context(), "grande.pdf", 1<<20+1, unread{t})
	wantCode(t, err, sei.CodeTooLarge)
	// A file that does not tell its size is stopped at the limit.
	_, err = d.stageReader(t.Context(), "grande.pdf", -1, bytes.NewReader(make([]byte, 1<<20+1)))
	wantCode(t, err, sei.CodeTooLarge, "blob.too_large")
}

func TestAFileThatIsNotThePDFItClaimsIsRefused(t *testing.T) {
	w := newWorld(t)
	d := w.loggedIn(chief)
	for name, content := range map[string]string{
		"a text":          "apenas um texto",
		"nothing":         "",
		"a beginning":     "%PDF-1.7\n%âãÏÓ\n1 0 obj\n<<",
		"another program": "MZ\x90\x00\x03",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := d.stageReader(t.Context(), "laudo.pdf", int64(len(content)), strings.NewReader(content))
			wantCode(t, err, pdf.CodeNotAPDF, pdf.CodeDamaged, sei.CodeInvalid)
		})
	}
	if len(d.stage.items) > 0 {
		t.Error("a refused file waits to be registered")
	}
}

func TestTwoPeopleEditingOneMinuteKeepBothTexts(t *testing.T) {
	w := newWorld(t)
	ana, bruno := w.loggedIn(chief), w.loggedIn(assessor)
	process, document := ana.start()
	ana.awaitSent()
	bruno.await("the minute reaches the colleague", func() bool {
		_, err := bruno.docs.Edit(process, document)
		return err == nil
	})
	base := bruno.edit(process, document).Base
	if mine := ana.edit(process, document).Base; mine != base {
		t.Fatalf("one edits %s, the other %s", mine, base)
	}
	ana.save(process, document, base, "Texto da chefe.")
	ana.awaitSent()
	bruno.save(process, document, base, "Texto do assessor.")
	bruno.awaitSent()
	for _, d := range []*testDesk{ana, bruno} {
		d.await("the window says that there are two texts", func() bool {
			docs := d.view(process).Documents
			return len(docs) == 1 && docs[0].Sides == 1
		})
		e := d.edit(process, document)
		if len(e.Sides) != 1 {
			t.Fatalf("%d other texts are offered, not 1", len(e.Sides))
		}
		side, err := d.docs.RevisionText(process, document, e.Sides[0].ID)
		must(t, err)
		if both := e.Text + side; !strings.Contains(both, "Texto da chefe.") || !strings.Contains(both, "Texto do assessor.") {
			t.Errorf("a text is lost: %s", both)
		}
	}
	// Merging settles it for both.
	e := ana.edit(process, document)
	_, err := ana.docs.Save(process, document, e.Base, textOf("Os dois textos."), []string{e.Sides[0].ID})
	must(t, err)
	for _, d := range []*testDesk{ana, bruno} {
		d.await("the texts are merged", func() bool {
			v, err := d.docs.Edit(process, document)
			return err == nil && len(v.Sides) == 0 && strings.Contains(v.Text, "Os dois textos.")
		})
	}
}

// saverProfile names, in the environment of a child process, the profile in
// which it saves until it is killed.
const (
	saverProfile  = "SEIRS_TEST_SAVER_PROFILE"
	saverDocument = "SEIRS_TEST_SAVER_DOCUMENT"
)

func TestADeskKilledInTheMiddleOfASaveLosesNothingThatItHadSaved(t *testing.T) {
	w := newWorld(t)
	profile := t.TempDir()
	d := w.login(profile, chief)
	process, document := d.start()
	must(t, d.Close())

	last := killWhileSaving(t, profile, process+"/"+document)
	d = w.desk(profile)
	_, err := d.session.Unlock(chief.agency, chief.login, central.DemoPassword)
	must(t, err)
	// The one that was under way may be there whole, or not at all; and at no
	// moment of its way to the central is an older text shown.
	shown := func(when string) {
		text := d.edit(process, document).Text
		if !strings.Contains(text, fmt.Sprintf("gravado %d.", last)) && !strings.Contains(text, fmt.Sprintf("gravado %d.", last+1)) {
			t.Fatalf("%s, save %d is not shown: %s", when, last, text)
		}
	}
	shown("after unlocking")
	d.await("everything is sent", func() bool {
		shown("while sending")
		entries, err := d.outbox.List()
		must(t, err)
		return len(entries) == 0
	})
	shown("after sending")
}

// killWhileSaving kills a desk that saves without pause and gives the last save
// that it had confirmed.
func killWhileSaving(t *testing.T, profile, document string) int {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), saverProfile+"="+profile, saverDocument+"="+document)
	out, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	lines, last := bufio.NewScanner(out), 0
	for lines.Scan() {
		n, err := strconv.Atoi(lines.Text())
		if err != nil {
			t.Fatalf("the desk says %q", lines.Text())
		}
		if last = n; last == 20 {
			must(t, child.Process.Kill())
		}
	}
	if err := child.Wait(); err == nil || last < 20 {
		t.Fatalf("the desk ended by itself after %d saves: %v", last, err)
	}
	return last
}

// saveUntilKilled is the child: it opens the profile without network and saves,
// by turns as a draft and as a revision, and says so each time.
func saveUntilKilled(profile string) {
	fail := func(err error) {
		fmt.Println(err)
		os.Exit(1)
	}
	d, err := New(Options{Profile: profile, Version: "test"})
	if err != nil {
		fail(err)
	}
	if _, err := (&Session{d}).Unlock(chief.agency, chief.login, central.DemoPassword); err != nil {
		fail(err)
	}
	docs := &Documents{d}
	process, document, _ := strings.Cut(os.Getenv(saverDocument), "/")
	for n := 1; ; n++ {
		e, err := docs.Edit(process, document)
		if err != nil {
			fail(err)
		}
		text := textOf(fmt.Sprintf("gravado %d.", n))
		if n%2 == 0 {
			_, err = docs.Save(process, document, e.Base, text, nil)
		} else {
			err = docs.Autosave(process, document, e.Base, text)
		}
		if err != nil {
			fail(err)
		}
		fmt.Println(n)
	}
}
