package pades

import (
	"bytes"
	"context"
	"crypto"
	"encoding/hex"
	"slices"
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/trust/trainingca"
)

// Forgeries of the proof around a signature: timestamps, validation data,
// revocation. None may make a signature better than it is.

type proofAttack struct {
	name string
	make func(t *testing.T, s *served) []byte
	code ReasonCode
	want Verdict
	// at is when it is judged, after testNow; the certificates last two years.
	at time.Duration
}

const years = 365 * 24 * time.Hour

// raisedBy raises with another authority, without asking whether it is any good.
func raisedBy(t *testing.T, in []byte, to RaiseLevel, from Timestamper, s *served) []byte {
	t.Helper()
	var out bytes.Buffer
	if _, err := Raise(context.Background(), bytes.NewReader(in), int64(len(in)), &out, RaiseOptions{To: to, Timestamp: from, Validation: s.online(), Artifacts: artifacts, Now: s.clock}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// withToken puts any attribute into the hole of the only signature.
func withToken(t *testing.T, signed []byte, attr []byte) []byte {
	t.Helper()
	cms, err := ExtractCMS(context.Background(), bytes.NewReader(signed), int64(len(signed)), 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	if cms, err = withUnsignedAttribute(cms, attr); err != nil {
		t.Fatal(err)
	}
	r := firstRange(t, signed)
	out := slices.Clone(signed)
	hole := out[r[1]+1 : r[2]-1]
	copy(hole, bytes.Repeat([]byte{'0'}, len(hole)))
	hex.Encode(hole, cms)
	return out
}

func (s *served) tokenOver(t *testing.T, data []byte) []byte {
	t.Helper()
	h := crypto.SHA256.New()
	h.Write(data)
	token, err := s.tsa().Token(context.Background(), h.Sum(nil), crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// altered changes the store of an archived file by one more update.
func altered(change func(dss *pdfDict) *pdfDict) func(t *testing.T, s *served) []byte {
	return func(t *testing.T, s *served) []byte {
		raised, _ := s.raise(t, s.signed(t), RaiseReferences)
		return updated(t, raised, func(d *document, u *update) {
			_, cat, err := d.root()
			if err != nil {
				t.Fatal(err)
			}
			dss, err := d.dict(cat.get("DSS"))
			if err != nil {
				t.Fatal(err)
			}
			u.put(cat.get("DSS").(pdfRef), change(dss))
		})
	}
}

func (s *served) signed(t *testing.T) []byte {
	t.Helper()
	out, _ := mustSign(t, victimUnsigned(), s.options(1))
	return out
}

func timestampAttacks() []proofAttack {
	by := func(to RaiseLevel, from func(t *testing.T, s *served) Timestamper) func(t *testing.T, s *served) []byte {
		return func(t *testing.T, s *served) []byte { return raisedBy(t, s.signed(t), to, from(t, s), s) }
	}
	expired := func(t *testing.T, s *served) Timestamper {
		return stampedBy{s.appointed(t, testNow.AddDate(-4, 0, 0), testNow.AddDate(0, 0, -1)), s.clock}
	}
	stranger := func(t *testing.T, s *served) Timestamper {
		ca, err := trainingca.New("de fora", testNow.AddDate(-5, 0, 0), trainingca.ECDSAP256)
		if err != nil {
			t.Fatal(err)
		}
		other, err := trainingca.NewServices(ca, func() time.Time { return s.clock })
		if err != nil {
			t.Fatal(err)
		}
		return stampedBy{other.TSA, s.clock}
	}
	revoked := func(t *testing.T, s *served) Timestamper {
		id := s.appointed(t, testNow.AddDate(-1, 0, 0), testNow.AddDate(4, 0, 0))
		s.services.Revoke(id.Certificate, testNow.AddDate(0, -1, 0), 1)
		return stampedBy{id, s.clock}
	}
	early := func(t *testing.T, s *served) Timestamper {
		return stampedBy{s.services.TSA, s.ids[1].Certificate.NotBefore.AddDate(-1, 0, 0)}
	}
	late := func(t *testing.T, s *served) Timestamper {
		return stampedBy{s.services.TSA, s.ids[1].Certificate.NotAfter.AddDate(0, 1, 0)}
	}
	return []proofAttack{
		{"timestamp of an expired authority", by(RaiseTimestamp, expired), ReasonTimestamp, VerdictIndeterminate, 3 * years},
		{"timestamp of an unknown authority", by(RaiseTimestamp, stranger), ReasonTimestamp, VerdictIndeterminate, 3 * years},
		{"timestamp of a revoked authority", by(RaiseTimestamp, revoked), ReasonTimestamp, VerdictIndeterminate, 3 * years},
		{"timestamp from before the certificate", by(RaiseTimestamp, early), ReasonNotYetValid, VerdictInvalid, time.Hour},
		{"timestamp from after the certificate", by(RaiseTimestamp, late), ReasonTimeUnproven, VerdictIndeterminate, 3 * years},
		{"timestamp of another signature", func(t *testing.T, s *served) []byte {
			return withToken(t, s.signed(t), attribute(oidTimeStamp, s.tokenOver(t, []byte("outra"))))
		}, ReasonTimestamp, VerdictIndeterminate, time.Hour},
		{"timestamp that is no token", func(t *testing.T, s *served) []byte {
			return withToken(t, s.signed(t), attribute(oidTimeStamp, derSeq(derOctets([]byte("agora")))))
		}, ReasonTimestamp, VerdictIndeterminate, time.Hour},
		{"person's signature as timestamp", func(t *testing.T, s *served) []byte {
			pdf := s.signed(t)
			cms, err := ExtractCMS(context.Background(), bytes.NewReader(pdf), int64(len(pdf)), 0, nil)
			if err != nil {
				t.Fatal(err)
			}
			return withToken(t, pdf, attribute(oidTimeStamp, cms))
		}, ReasonTimestamp, VerdictIndeterminate, time.Hour},
		{"two timestamps in one attribute list", func(t *testing.T, s *served) []byte {
			once := withToken(t, s.signed(t), attribute(oidTimeStamp, s.tokenOver(t, []byte("a"))))
			return withToken(t, once, attribute(oidTimeStamp, s.tokenOver(t, []byte("b"))))
		}, ReasonFormat, VerdictInvalid, time.Hour},
		{"timestamp taken away", func(t *testing.T, s *served) []byte {
			o := s.options(1)
			p := mustPolicy(TimestampedPolicyOID)
			o.Policy = p
			out, _ := mustSign(t, victimUnsigned(), o)
			return out
		}, ReasonPolicyAttribute, VerdictInvalid, time.Hour},
		{"document timestamp with another time", func(t *testing.T, s *served) []byte {
			two, _ := mustSign(t, s.signed(t), func() SignOptions { o := s.options(0); o.ContentsSize = 3000; return o }())
			raised, _ := s.raise(t, two, RaiseTimestamp)
			from := hex.EncodeToString([]byte(s.clock.UTC().Format("20060102150405")))
			to := hex.EncodeToString([]byte(s.clock.AddDate(0, 0, -1).UTC().Format("20060102150405")))
			if !bytes.Contains(raised, []byte(from)) {
				t.Fatal("the token's time was not found")
			}
			return bytes.Replace(raised, []byte(from), []byte(to), 1)
		}, ReasonTimestamp, VerdictInvalid, time.Hour},
		{"document timestamp of another document", func(t *testing.T, s *served) []byte {
			a, _ := s.raise(t, s.signed(t), RaiseReferences)
			return replaced(t, a, "R$ 100,00", "R$ 900,00")
		}, ReasonTimestamp, VerdictInvalid, time.Hour},
		{"document timestamp of an expired authority", by(RaiseReferences, func(t *testing.T, s *served) Timestamper {
			return stampedBy{s.appointed(t, testNow.AddDate(-4, 0, 0), testNow.AddDate(0, 0, -1)), s.clock}
		}), CodeChainExpired, VerdictIndeterminate, time.Hour},
		{"document timestamp of an unknown authority", by(RaiseReferences, stranger), CodeChainUnknown, VerdictIndeterminate, time.Hour},
	}
}

func storeAttacks() []proofAttack {
	archived := func(policy string, to RaiseLevel) func(t *testing.T, s *served) []byte {
		return func(t *testing.T, s *served) []byte {
			o := s.options(1)
			o.Policy, o.Timestamp = mustPolicy(policy), s.tsa()
			out, _ := mustSign(t, victimUnsigned(), o)
			if to != "" {
				out, _ = s.raise(t, out, to)
			}
			return out
		}
	}
	return []proofAttack{
		{"store with an entry of its own", altered(func(d *pdfDict) *pdfDict { return d.with("JavaScript", textString("app.alert(1)")) }), ReasonChanged, VerdictInvalid, time.Hour},
		{"store that lists no references", altered(func(d *pdfDict) *pdfDict { return d.with("Certs", pdfArray{textString("x")}) }), ReasonChanged, VerdictInvalid, time.Hour},
		{"store that is no store", altered(func(d *pdfDict) *pdfDict { return d.with("Type", pdfName("Page")) }), ReasonChanged, VerdictInvalid, time.Hour},
		{"entry for no signature", altered(func(d *pdfDict) *pdfDict { return d.with("VRI", makeDict(pdfName("ABC"), &pdfDict{})) }), ReasonChanged, VerdictInvalid, time.Hour},
		{"entry with content of its own", altered(func(d *pdfDict) *pdfDict {
			return d.with("VRI", makeDict(pdfName("AABBCCDDEEFF00112233445566778899AABBCCDD"), makeDict(pdfName("Contents"), textString("x"))))
		}), ReasonChanged, VerdictInvalid, time.Hour},
		{"store taken away", func(t *testing.T, s *served) []byte {
			raised, _ := s.raise(t, s.signed(t), RaiseReferences)
			return updated(t, raised, func(d *document, u *update) {
				root, cat, err := d.root()
				if err != nil {
					t.Fatal(err)
				}
				u.put(root, cat.with("DSS", nil))
			})
		}, ReasonChanged, VerdictInvalid, time.Hour},
		{"page replaced beside validation data", func(t *testing.T, s *served) []byte {
			return updated(t, s.signed(t), func(d *document, u *update) {
				root, cat, err := d.root()
				if err != nil {
					t.Fatal(err)
				}
				cert, dss := u.newRef(), u.newRef()
				u.putStream(cert, &pdfDict{}, s.ca.Intermediate.Raw)
				u.put(dss, makeDict(pdfName("Type"), pdfName("DSS"), pdfName("Certs"), pdfArray{cert}))
				u.put(root, cat.with("DSS", dss))
				u.putStream(pdfRef{num: objContent}, &pdfDict{}, []byte("BT /F 12 Tf 50 700 Td (Pague R$ 900,00) Tj ET"))
			})
		}, ReasonChanged, VerdictInvalid, time.Hour},
		{"revoked by the list in the store", func(t *testing.T, s *served) []byte {
			signed := s.signed(t)
			s.services.Revoke(s.ids[1].Certificate, testNow.AddDate(0, -1, 0), 1)
			return withStore(t, s, signed, "CRLs", func() ([]byte, error) { return s.services.CRL(false) })
		}, ReasonRevoked, VerdictInvalid, time.Hour},
		{"AD-RC without validation data", archived("2.16.76.1.7.1.13.1.4", ""), ReasonPolicyAttribute, VerdictIndeterminate, time.Hour},
		{"AD-RA without the list of policies", archived("2.16.76.1.7.1.14.1.4", RaiseReferences), ReasonPolicyAttribute, VerdictIndeterminate, time.Hour},
		{"AD-RC as AD-RC", archived("2.16.76.1.7.1.13.1.4", RaiseReferences), "", VerdictValid, time.Hour},
		{"AD-RA as AD-RA", archived("2.16.76.1.7.1.14.1.4", RaiseArchive), "", VerdictValid, time.Hour},
	}
}

// withStore adds a store with one piece of data.
func withStore(t *testing.T, _ *served, in []byte, key pdfName, data func() ([]byte, error)) []byte {
	t.Helper()
	der, err := data()
	if err != nil {
		t.Fatal(err)
	}
	return updated(t, in, func(d *document, u *update) {
		root, cat, err := d.root()
		if err != nil {
			t.Fatal(err)
		}
		item, dss := u.newRef(), u.newRef()
		u.putStream(item, &pdfDict{}, der)
		u.put(dss, makeDict(pdfName("Type"), pdfName("DSS"), key, pdfArray{item}))
		u.put(root, cat.with("DSS", dss))
	})
}

func TestEveryForgeryOfProofIsCaught(t *testing.T) {
	for _, c := range append(timestampAttacks(), storeAttacks()...) {
		t.Run(c.name, func(t *testing.T) {
			s := newServed(t)
			pdf := c.make(t, s)
			// What an honest authority says is asked for too, but only up to now.
			r := mustVerify(t, pdf, VerifyOptions{Chains: s.online(), Now: testNow.Add(c.at)})
			requireVerdict(t, r, c.want)
			if c.code != "" && !hasReason(r, c.code) {
				t.Errorf("reason %s is missing: %+v", c.code, r.Signatures)
			}
		})
	}
}
