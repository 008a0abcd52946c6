package pades

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/digitorus/timestamp"

	"github.com/sei-rs/sei-rs-desktop/internal/trust"
)

// stamper is a timestamp authority of its own, self-signed.
type stamper struct {
	cert *x509.Certificate
	key  crypto.Signer
}

func newStamper(t testing.TB) *stamper {
	t.Helper()
	rsaKey := issue2048()
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "ACT de teste"}, NotBefore: testNow.AddDate(-1, 0, 0), NotAfter: testNow.AddDate(9, 0, 0),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}, KeyUsage: x509.KeyUsageDigitalSignature, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, rsaKey.Public(), rsaKey)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &stamper{cert, rsaKey}
}

// token is a timestamp token over a digest.
func (s *stamper) token(t testing.TB, digest []byte, at time.Time) []byte {
	t.Helper()
	ts := timestamp.Timestamp{HashAlgorithm: crypto.SHA256, HashedMessage: digest, Time: at, Policy: asn1.ObjectIdentifier{1, 2, 3}, SerialNumber: big.NewInt(1), AddTSACertificate: true, Certificates: nil}
	resp, err := ts.CreateResponseWithOpts(s.cert, s.key, crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := timestamp.ParseResponse(resp)
	if err != nil {
		t.Fatal(err)
	}
	return parsed.RawToken
}

// stampSignature puts a signature timestamp into the hole of the first
// signature, as raising RB to RT does.
func (s *stamper) stampSignature(t testing.TB, signed []byte, at time.Time, spoil bool) []byte {
	t.Helper()
	r := firstRange(t, signed)
	cms, err := ExtractCMS(context.Background(), bytes.NewReader(signed), int64(len(signed)), 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := parseCMS(cms)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(m.signature)
	if spoil {
		sum[0]++
	}
	attr := tlv(0xa1, attribute(oidTimeStamp, s.token(t, sum[:], at)))
	raised := appendToSignerInfo(t, cms, attr)
	out := slices.Clone(signed)
	hole := out[r[1]+1 : r[2]-1]
	copy(hole, bytes.Repeat([]byte{'0'}, len(hole)))
	hex.Encode(hole, raised)
	return out
}

// appendToSignerInfo rebuilds the nesting of lengths around the one SignerInfo.
func appendToSignerInfo(t testing.TB, cms, attr []byte) []byte {
	t.Helper()
	var ci contentInfo
	var sd asn1.RawValue
	if _, err := asn1.Unmarshal(cms, &ci); err != nil {
		t.Fatal(err)
	}
	if _, err := asn1.Unmarshal(ci.Content.Bytes, &sd); err != nil {
		t.Fatal(err)
	}
	var parts [][]byte
	for rest := sd.Bytes; len(rest) > 0; {
		var v asn1.RawValue
		var err error
		if rest, err = asn1.Unmarshal(rest, &v); err != nil {
			t.Fatal(err)
		}
		parts = append(parts, v.FullBytes)
	}
	var set, info asn1.RawValue
	if _, err := asn1.Unmarshal(parts[len(parts)-1], &set); err != nil {
		t.Fatal(err)
	}
	if _, err := asn1.Unmarshal(set.Bytes, &info); err != nil {
		t.Fatal(err)
	}
	parts[len(parts)-1] = tlv(0x31, derSeq(info.Bytes, attr))
	return derSeq(derOID(oidSignedData), tlv(0xa0, derSeq(parts...)))
}

// withStamper trusts the test authority for timestamps too.
func (s *stamper) options(now time.Time) VerifyOptions {
	return VerifyOptions{Chains: trust.New([]trust.Root{{Certificate: pki().ca.Root}, {Certificate: s.cert}}, nil), Now: now}
}

func TestATimestampProvesTheTimeAfterTheCertificateExpires(t *testing.T) {
	s := newStamper(t)
	late := testNow.AddDate(3, 0, 0)
	signed, _ := mustSign(t, victimUnsigned(), pki().options(1))
	requireVerdict(t, mustVerify(t, signed, s.options(late)), VerdictIndeterminate)

	raised := s.stampSignature(t, signed, testNow.Add(time.Minute), false)
	r := mustVerify(t, raised, s.options(late))
	requireVerdict(t, r, VerdictValid)
	if got := r.Signatures[0].ProvenTime; !got.Equal(testNow.Add(time.Minute)) {
		t.Errorf("proven time %v", got)
	}
	// The authority is not known here: nothing is proven.
	requireVerdict(t, mustVerify(t, raised, VerifyOptions{Chains: trusting().Chains, Now: late}), VerdictIndeterminate)
	requireVerdict(t, mustVerify(t, s.stampSignature(t, signed, testNow, true), s.options(testNow)), VerdictIndeterminate)
}

func TestOnlyATimestampAuthorityCanStampTime(t *testing.T) {
	s := newStamper(t)
	// A person's certificate is no authority, though its chain is known.
	s.cert = pki().ids[0].Certificate
	signed, _ := mustSign(t, victimUnsigned(), pki().options(1))
	requireVerdict(t, mustVerify(t, s.stampSignature(t, signed, testNow, false), trusting()), VerdictIndeterminate)
}

func TestATimestampWithAnotherTimeProvesNothing(t *testing.T) {
	s := newStamper(t)
	signed, _ := mustSign(t, victimUnsigned(), pki().options(1))
	raised := s.stampSignature(t, signed, testNow.UTC(), false)
	from, to := hex.EncodeToString([]byte(testNow.UTC().Format("20060102150405"))), hex.EncodeToString([]byte(testNow.AddDate(0, 0, -1).UTC().Format("20060102150405")))
	if n := bytes.Count(raised, []byte(from)); n == 0 {
		t.Fatal("the token's time was not found")
	}
	// Both the TSTInfo and the token's own signingTime may hold it.
	requireVerdict(t, mustVerify(t, bytes.Replace(raised, []byte(from), []byte(to), 1), s.options(testNow)), VerdictIndeterminate)
}

// documentTimestamp appends a DocTimeStamp signature the way Sign does a
// person's, with a token in place of the CMS.
func (s *stamper) documentTimestamp(t testing.TB, in []byte, at time.Time) []byte {
	t.Helper()
	doc := open(t, in)
	u, err := newUpdate(doc, int64(len(in)), false)
	if err != nil {
		t.Fatal(err)
	}
	sigRef, widget := u.newRef(), u.newRef()
	p := &plan{size: int64(len(in))}
	o := pki().options(0)
	o.SubFilter, o.ContentsSize = "ETSI.RFC3161", 8192
	p.put(u, sigRef, o.dictionary(), o.ContentsSize)
	page, err := doc.findPage(1)
	if err != nil {
		t.Fatal(err)
	}
	u.put(widget, makeDict(pdfName("Type"), pdfName("Annot"), pdfName("Subtype"), pdfName("Widget"), pdfName("FT"), pdfName("Sig"), pdfName("T"), textString("Carimbo"), pdfName("V"), sigRef, pdfName("Rect"), parse(t, "[0 0 0 0]"), pdfName("F"), int64(132)))
	if err := u.placeField(widget, page, pdfRef{}); err != nil {
		t.Fatal(err)
	}
	u.finish("stamp")
	p.tail = u.out
	copy(p.tail[p.rangeAt:], fmt.Sprintf("[0 %d %d %d]", len(in)+p.gap[0], len(in)+p.gap[1], len(p.tail)-p.gap[1]))
	h := sha256.New()
	h.Write(in)
	h.Write(p.tail[:p.gap[0]])
	h.Write(p.tail[p.gap[1]:])
	if err := p.embed(s.token(t, h.Sum(nil), at)); err != nil {
		t.Fatal(err)
	}
	return append(slices.Clone(in), p.tail...)
}

func TestValidationDataAndDocumentTimestampsMayFollow(t *testing.T) {
	s := newStamper(t)
	for _, in := range [][]byte{victim(t), func() []byte {
		out, _ := mustSign(t, convert(t, samplePDF(t, 1), "--object-streams=generate"), pki().options(0))
		return out
	}()} {
		var list pdfRef
		withDSS := updated(t, in, func(d *document, u *update) {
			root, cat, err := d.root()
			if err != nil {
				t.Fatal(err)
			}
			cert, dss := u.newRef(), u.newRef()
			list = u.newRef()
			u.putStream(cert, &pdfDict{}, pki().ids[1].Certificate.Raw)
			u.put(list, pdfArray{cert})
			u.put(dss, makeDict(pdfName("Type"), pdfName("DSS"), pdfName("Certs"), list, pdfName("VRI"), makeDict(pdfName(strings.Repeat("AB", 20)), makeDict(pdfName("Cert"), list))))
			u.put(root, cat.with("DSS", dss))
		})
		requireVerdict(t, mustVerify(t, withDSS, trusting()), VerdictValid)
		stamped := s.documentTimestamp(t, withDSS, testNow.Add(time.Hour))
		more := updated(t, stamped, func(d *document, u *update) {
			cert := u.newRef()
			u.putStream(cert, &pdfDict{}, pki().ids[0].Certificate.Raw)
			old, err := d.array(list)
			if err != nil {
				t.Fatal(err)
			}
			u.put(list, append(slices.Clone(old), cert))
		})
		late := testNow.AddDate(3, 0, 0)
		r := mustVerify(t, more, s.options(late))
		requireVerdict(t, r, VerdictValid)
		if len(r.Signatures) != 2 || r.Signatures[1].Kind != KindTimestamp || len(r.Signatures[0].Changes) != 3 {
			t.Errorf("%+v", r.Signatures)
		}
		run(t, "qpdf", "--check", writeFile(t, more))
		// A person may still sign on top.
		again, _ := mustSign(t, more, pki().options(2))
		requireVerdict(t, mustVerify(t, again, s.options(testNow)), VerdictValid)
	}
}
