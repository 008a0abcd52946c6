package desktop

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/pades"
	"github.com/sei-rs/sei-rs-desktop/internal/trust/trainingca"
)

func TestTheAnnouncedAuthorityGivesSignaturesTheirTimeAndASilentOneHoldsNothingUp(t *testing.T) {
	for name, silent := range map[string]bool{"answers": false, "silent": true} {
		t.Run(name, func(t *testing.T) {
			s := newServedSigner(t)
			d := newWorld(t, trusting(s.roots), func(c *central.Config) {
				c.TimestampURL, c.TimestampPolicy = s.server.URL+"/tsa", trainingca.TimestampPolicy
			}).loggedIn(chief)
			cert := d.shown(s)
			refs := d.minutes(2)
			if silent {
				s.server.Close()
			}
			begun, err := d.signing().Sign(d.prepare(refs...).form(cert))
			must(t, err)
			over := d.batchOver(begun.ID)
			if over.State != "done" || over.Failed != 0 || strings.Contains(over.Message, "carimbo do tempo") != silent {
				t.Fatalf("%+v", over)
			}
			d.signedOnce(refs)
			a, err := d.current()
			must(t, err)
			for _, r := range refs {
				data := d.fileOf(r)
				report, err := a.judge.Report(t.Context(), bytes.NewReader(data), int64(len(data)), time.Time{})
				must(t, err)
				sig := report.Signatures[0]
				if sig.Verdict != pades.VerdictValid || strings.Contains(sig.PolicyName, "AD-RT") == silent || strings.Contains(sig.PolicyName, "AD-RB") != silent {
					t.Errorf("%s under %q: %v", sig.Verdict, sig.PolicyName, sig.Reasons)
				}
			}
		})
	}
}

func TestWithoutAnnouncedAuthorityNoTimestampIsAskedFor(t *testing.T) {
	s := newServedSigner(t)
	d := newWorld(t, trusting(s.roots)).loggedIn(chief)
	begun, err := d.signing().Sign(d.prepare(d.minutes(1)...).form(d.shown(s)))
	must(t, err)
	if over := d.batchOver(begun.ID); over.State != "done" || over.Message != "" {
		t.Errorf("%+v", over)
	}
	if n := s.Asked("/tsa"); n != 0 {
		t.Errorf("%d questions", n)
	}
}
