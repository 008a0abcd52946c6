package evidence

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/keys"
	"github.com/sei-rs/sei-rs-desktop/internal/pades"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/trust"
	"github.com/sei-rs/sei-rs-desktop/internal/trust/trainingca"
)

func batchOf(t testing.TB, s *shelf, n int) []BatchItem {
	var items []BatchItem
	for i := range n {
		items = append(items, s.item(fmt.Sprint("d", i), samplePDF(t, fmt.Sprint("texto ", i))))
	}
	return items
}

func statuses(results []BatchResult) string {
	out := ""
	for _, r := range results {
		out += string(r.Status[0])
	}
	return out
}

func newShelf() *shelf { return &shelf{kept: map[string][]byte{}} }

func TestABatchSignsEveryDocumentWithOneKey(t *testing.T) {
	s, key := newShelf(), newKey(t)
	items := batchOf(t, s, 4)
	var told []string
	b := Batch{Key: key, Progress: func(p BatchProgress) { told = append(told, fmt.Sprintf("%d/%d %s", p.Done, p.Total, p.Title)) }}
	results, err := b.Run(context.Background(), items)
	if err != nil || statuses(results) != "ssss" || key.calls != 4 || s.open != 0 {
		t.Fatalf("%v %v, %d calls, %d left open", results, err, key.calls, s.open)
	}
	if len(told) != 4 || told[3] != "4/4 Documento d3" {
		t.Errorf("progress: %q", told)
	}
	for id, signed := range s.kept {
		r, err := judge(t).Report(context.Background(), bytes.NewReader(signed), int64(len(signed)), time.Time{})
		if err != nil || r.Verdict != pades.VerdictValid {
			t.Errorf("%s: %+v, %v", id, r, err)
		}
	}
}

func TestABatchStopsAtTheFirstWrongPIN(t *testing.T) {
	s, key := newShelf(), newKey(t)
	key.failAt, key.failure = 2, keys.ErrPINWrong(keys.PINLow, errors.New("refused"))
	results, err := (&Batch{Key: key}).Run(context.Background(), batchOf(t, s, 4))
	if err != nil || statuses(results) != "sfww" || key.calls != 2 {
		t.Fatalf("%s after %d calls, %v", statuses(results), key.calls, err)
	}
	for _, r := range results[1:] {
		if r.Code != keys.CodePINWrong || r.Message == "" {
			t.Errorf("%s: %s %q", r.ID, r.Code, r.Message)
		}
	}
}

func TestAResumedBatchSignsNothingTwice(t *testing.T) {
	s, key := newShelf(), newKey(t)
	items := batchOf(t, s, 5)
	key.failAt, key.failure = 3, keys.ErrTokenRemoved(errors.New("gone"))
	results, err := (&Batch{Key: key}).Run(context.Background(), items)
	if err != nil || statuses(results) != "ssfww" {
		t.Fatalf("%s %v", statuses(results), err)
	}
	first := string(s.kept["d0"])
	key.failAt = 0
	results, err = (&Batch{Key: key}).Run(context.Background(), items)
	if err != nil || statuses(results) != "aasss" || key.calls != 6 || string(s.kept["d0"]) != first {
		t.Fatalf("%s after %d calls, %v", statuses(results), key.calls, err)
	}
}

// A crash between the key and the queue leaves a signature that nobody has
// seen: the document is signed again, once.
func TestASignatureThatWasNotKeptIsMadeAgain(t *testing.T) {
	s, key := newShelf(), newKey(t)
	items := batchOf(t, s, 2)
	keep := items[0].Keep
	items[0].Keep = func(ctx context.Context, write WriteSigned) error {
		if err := keep(ctx, write); err != nil {
			return err
		}
		delete(s.kept, "d0")
		return errors.New("the disk is full")
	}
	results, err := (&Batch{Key: key}).Run(context.Background(), items)
	if err != nil || statuses(results) != "fs" || results[0].Signed != nil {
		t.Fatalf("%s %v", statuses(results), err)
	}
	items[0].Keep = keep
	if results, err = (&Batch{Key: key}).Run(context.Background(), items); err != nil || statuses(results) != "sa" {
		t.Fatalf("%s %v", statuses(results), err)
	}
}

func TestADocumentThatChangedSinceItWasShownIsNotSigned(t *testing.T) {
	s, key := newShelf(), newKey(t)
	items := batchOf(t, s, 3)
	items[1].SHA256 = hashOf([]byte("o que foi mostrado"))
	results, err := (&Batch{Key: key}).Run(context.Background(), items)
	if err != nil || statuses(results) != "sfs" || results[1].Code != sei.CodeContentDiffers || key.calls != 2 || s.kept["d1"] != nil {
		t.Fatalf("%+v %v", results, err)
	}
}

func TestADamagedDocumentFailsAlone(t *testing.T) {
	s, key := newShelf(), newKey(t)
	items := batchOf(t, s, 3)
	items[1] = s.item("d1", []byte("isto não é um PDF"))
	results, err := (&Batch{Key: key}).Run(context.Background(), items)
	if err != nil || statuses(results) != "sfs" || results[1].Code != pades.CodeDamaged {
		t.Fatalf("%+v %v", results, err)
	}
}

func TestABatchIsBoundedInNumberAndMinutes(t *testing.T) {
	s, key := newShelf(), newKey(t)
	items := batchOf(t, s, 3)
	_, err := (&Batch{Key: key, Limits: keys.Limits{Signatures: 2}}).Run(context.Background(), items)
	if sei.CodeOf(err) != CodeBatchTooLong || key.calls != 0 {
		t.Errorf("%v after %d calls", err, key.calls)
	}
	results, err := (&Batch{Key: key, Limits: keys.Limits{Lifetime: time.Nanosecond}}).Run(context.Background(), items)
	if err != nil || statuses(results) != "www" || results[0].Code != keys.CodeSessionEnded || key.calls != 0 {
		t.Errorf("%+v %v", results, err)
	}
	if _, err := (&Batch{Key: key}).Run(context.Background(), nil); sei.CodeOf(err) != sei.CodeInvalid {
		t.Errorf("an empty batch: %v", err)
	}
	if _, err := (&Batch{Key: key}).Run(context.Background(), []BatchItem{items[0], items[0]}); err == nil {
		t.Error("a document stood twice in one batch")
	}
}

func TestACancelledBatchStopsBetweenDocuments(t *testing.T) {
	s, key := newShelf(), newKey(t)
	ctx, cancel := context.WithCancel(context.Background())
	b := Batch{Key: key, Progress: func(p BatchProgress) {
		if p.Done == 2 {
			cancel()
		}
	}}
	results, err := b.Run(ctx, batchOf(t, s, 4))
	if err != nil || statuses(results) != "ssww" || results[2].Code != keys.CodeCanceled {
		t.Fatalf("%+v %v", results, err)
	}
}

func TestAnExpiredCertificateBeginsNoBatch(t *testing.T) {
	id := person(t, trainingca.IssueOptions{NotBefore: time.Now().AddDate(-2, 0, 0), NotAfter: time.Now().AddDate(-1, 0, 0)})
	_, err := (&Batch{Key: &heldKey{Signer: id.Key, id: id}}).Run(context.Background(), batchOf(t, newShelf(), 1))
	if sei.CodeOf(err) != keys.CodeCertificateExpired {
		t.Fatal(err)
	}
}

func TestAPlainFileIsSignedBesideIt(t *testing.T) {
	s, key := newShelf(), newKey(t)
	it := s.item("planilha", []byte("a;b\n1;2\n"))
	it.Detached = true
	results, err := (&Batch{Key: key}).Run(context.Background(), []BatchItem{it})
	if err != nil || statuses(results) != "s" || len(s.kept["planilha"]) == 0 {
		t.Fatalf("%+v %v", results, err)
	}
}

// timestamper gives tokens of a training authority until it falls silent.
type timestamper struct {
	services *trainingca.Services
	left     int
}

func (s *timestamper) Fetch(_ context.Context, _ string, body []byte, _ string, _ int64) ([]byte, error) {
	if s.left--; s.left < 0 {
		return nil, errors.New("silence")
	}
	return s.services.Timestamp(body)
}

func TestABatchGoesOnWithoutTimestampsWhenTheirAuthorityFails(t *testing.T) {
	services, err := trainingca.NewServices(pki(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	s, key := newShelf(), newKey(t)
	results, err := (&Batch{Key: key, Timestamp: trust.TSA{Fetcher: &timestamper{services, 2}}}).Run(context.Background(), batchOf(t, s, 4))
	if err != nil || statuses(results) != "ssss" || key.calls != 5 {
		t.Fatalf("%s after %d calls, %v", statuses(results), key.calls, err)
	}
	for id, want := range map[string]string{"d0": pades.TimestampedPolicyOID, "d1": pades.TimestampedPolicyOID, "d2": pades.DefaultPolicyOID, "d3": pades.DefaultPolicyOID} {
		r, err := judge(t).Report(context.Background(), bytes.NewReader(s.kept[id]), int64(len(s.kept[id])), time.Time{})
		if err != nil || r.Verdict != pades.VerdictValid || r.Signatures[0].PolicyOID != want || len(r.Signatures) != 1 {
			t.Errorf("%s: %+v %v", id, r, err)
		}
	}
}
