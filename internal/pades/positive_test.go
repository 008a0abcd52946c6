package pades

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/digitorus/pkcs7"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/trust/trainingca"
)

func TestAcceptanceTimeCountsAsProof(t *testing.T) {
	o := trusting()
	o.Now, o.ProvenTime = testNow.AddDate(3, 0, 0), testNow.Add(time.Hour)
	requireVerdict(t, mustVerify(t, victim(t), o), VerdictValid)
	o.ProvenTime = o.Now
	requireVerdict(t, mustVerify(t, victim(t), o), VerdictIndeterminate)
}

// signAround signs with a container made elsewhere: make gets the covered bytes.
func signAround(t testing.TB, in []byte, subFilter string, makeCMS func(content []byte) []byte) []byte {
	t.Helper()
	o := pki().options(0)
	if err := o.prepare(); err != nil {
		t.Fatal(err)
	}
	o.SubFilter = subFilter
	doc := open(t, in)
	p, err := planUpdate(doc, doc.src, &o)
	if err != nil {
		t.Fatal(err)
	}
	content := slices.Concat(in, p.tail[:p.gap[0]], p.tail[p.gap[1]:])
	if err := p.embed(makeCMS(content)); err != nil {
		t.Fatal(err)
	}
	return append(slices.Clone(in), p.tail...)
}

func TestSignaturesOfOtherProgramsAreJudgedToo(t *testing.T) {
	id := pki().ids[0]
	byPKCS7 := func(content []byte) []byte {
		return pkcs7Container(t, content, pkcs7.OIDDigestAlgorithmSHA256, func(sd *pkcs7.SignedData) {
			sd.AddCertificate(pki().ca.Intermediate)
			sd.Detach()
		})
	}
	byOpenSSL := func(args ...string) func([]byte) []byte {
		return func(content []byte) []byte {
			dir := t.TempDir()
			key, err := id.KeyPEM()
			if err != nil {
				t.Fatal(err)
			}
			for name, data := range map[string][]byte{"content": content, "cert": trainingca.CertificatePEM(id.Certificate), "key": key, "chain": trainingca.CertificatePEM(pki().ca.Intermediate)} {
				if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			out := filepath.Join(dir, "out")
			run(t, "openssl", append([]string{"cms", "-sign", "-binary", "-outform", "DER", "-md", "sha256", "-in", filepath.Join(dir, "content"),
				"-signer", filepath.Join(dir, "cert"), "-inkey", filepath.Join(dir, "key"), "-certfile", filepath.Join(dir, "chain"), "-out", out}, args...)...)
			der, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			return der
		}
	}
	for name, c := range map[string]struct {
		subFilter string
		make      func([]byte) []byte
	}{
		"pkcs7":         {"adbe.pkcs7.detached", byPKCS7},
		"openssl":       {"adbe.pkcs7.detached", byOpenSSL()},
		"openssl pss":   {"adbe.pkcs7.detached", byOpenSSL("-keyopt", "rsa_padding_mode:pss")},
		"openssl keyid": {"ETSI.CAdES.detached", byOpenSSL("-cades", "-keyid")},
		"no attributes": {"adbe.pkcs7.detached", byOpenSSL("-noattr")},
	} {
		t.Run(name, func(t *testing.T) {
			signed := signAround(t, samplePDF(t, 1), c.subFilter, c.make)
			rep := mustVerify(t, signed, trusting())
			requireVerdict(t, rep, VerdictValid)
			if s := rep.Signatures[0]; s.SubFilter != c.subFilter || s.PolicyOID != "" || !s.CoversFile {
				t.Errorf("%+v", s)
			}
			both, _ := mustSign(t, signed, pki().options(1))
			requireVerdict(t, mustVerify(t, both, trusting()), VerdictValid)
			i := bytes.Index(signed, []byte("/Count"))
			signed[i+1] = 'X'
			if r, err := Verify(context.Background(), bytes.NewReader(signed), int64(len(signed)), trusting()); err == nil {
				requireVerdict(t, r, VerdictInvalid)
			}
		})
	}
}

func TestWeakOrForeignContainersAreNotValid(t *testing.T) {
	sha1 := func(content []byte) []byte {
		return pkcs7Container(t, content, pkcs7.OIDDigestAlgorithmSHA1, (*pkcs7.SignedData).Detach)
	}
	attached := func(content []byte) []byte {
		return pkcs7Container(t, content, pkcs7.OIDDigestAlgorithmSHA256, func(*pkcs7.SignedData) {})
	}
	good := func(content []byte) []byte {
		sum := sha256.Sum256(content)
		o := pki().options(0)
		o.Digest = crypto.SHA256
		cms, err := buildCMS(context.Background(), sum[:], o.cms())
		if err != nil {
			t.Fatal(err)
		}
		return cms
	}
	for name, c := range map[string]struct {
		subFilter string
		make      func([]byte) []byte
		want      Verdict
	}{
		"SHA-1":                {"adbe.pkcs7.detached", sha1, VerdictIndeterminate},
		"content inside":       {"adbe.pkcs7.detached", attached, VerdictInvalid},
		"no certificate named": {"ETSI.CAdES.detached", func(c []byte) []byte { return withoutReference(t, c) }, VerdictIndeterminate},
		"old subfilter":        {"adbe.pkcs7.sha1", good, VerdictIndeterminate},
		"unknown subfilter":    {"X.Y", good, VerdictIndeterminate},
		"no timestamp at all":  {"ETSI.RFC3161", good, VerdictIndeterminate},
		"of another document":  {"ETSI.CAdES.detached", func([]byte) []byte { return good([]byte("outro")) }, VerdictInvalid},
		"BER":                  {"ETSI.CAdES.detached", func(c []byte) []byte { d := good(c); d[1] = 0x80; return d }, VerdictInvalid},
		"without certificates": {"ETSI.CAdES.detached", func(c []byte) []byte { return withoutCertificates(t, good(c)) }, VerdictIndeterminate},
		"swapped certificate":  {"ETSI.CAdES.detached", func(c []byte) []byte { return swappedCertificate(t, good(c)) }, VerdictInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			requireVerdict(t, mustVerify(t, signAround(t, samplePDF(t, 1), c.subFilter, c.make), trusting()), c.want)
		})
	}
}

// withoutReference is a CAdES container that does not name its certificate.
func withoutReference(t testing.TB, content []byte) []byte {
	return pkcs7Container(t, content, pkcs7.OIDDigestAlgorithmSHA256, (*pkcs7.SignedData).Detach)
}

// pkcs7Container is a SignedData as another library makes it.
func pkcs7Container(t testing.TB, content []byte, digest asn1.ObjectIdentifier, shape func(*pkcs7.SignedData)) []byte {
	t.Helper()
	sd, err := pkcs7.NewSignedData(content)
	if err != nil {
		t.Fatal(err)
	}
	sd.SetDigestAlgorithm(digest)
	if err := sd.AddSigner(pki().ids[0].Certificate, pki().ids[0].Key, pkcs7.SignerInfoConfig{}); err != nil {
		t.Fatal(err)
	}
	shape(sd)
	der, err := sd.Finish()
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// rebuilt takes a SignedData apart and puts it together with other certificates.
func rebuilt(t testing.TB, cms []byte, certs ...[]byte) []byte {
	t.Helper()
	var ci contentInfo
	if _, err := asn1.Unmarshal(cms, &ci); err != nil {
		t.Fatal(err)
	}
	parts := splitDER(t, ci.Content.Bytes)
	for i, p := range parts {
		if p[0] == 0xa0 {
			parts[i] = derSetOf(0xa0, certs...)
		}
	}
	return derSeq(derOID(oidSignedData), tlv(0xa0, derSeq(parts...)))
}

func withoutCertificates(t testing.TB, cms []byte) []byte { return rebuilt(t, cms) }

// swappedCertificate puts a certificate of the same key, issuer and serial
// number, but another name, in the signer's place.
func swappedCertificate(t testing.TB, cms []byte) []byte {
	old := pki().ids[0].Certificate
	tmpl := &x509.Certificate{SerialNumber: old.SerialNumber, Subject: pkix.Name{CommonName: "OUTRA PESSOA"}, NotBefore: old.NotBefore, NotAfter: old.NotAfter, KeyUsage: old.KeyUsage}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, &x509.Certificate{RawSubject: old.RawIssuer, PublicKey: issue2048().Public()}, old.PublicKey, issue2048())
	if err != nil {
		t.Fatal(err)
	}
	return rebuilt(t, cms, der)
}

func TestMarksThatSignersLeaveAreNoAlteration(t *testing.T) {
	signed, _ := mustSign(t, pdfaSample(), pki().options(1))
	doc := open(t, signed)
	st, err := doc.resolve(pdfRef{num: 5})
	if err != nil {
		t.Fatal(err)
	}
	xmp, err := doc.decode(st.(*pdfStream))
	if err != nil {
		t.Fatal(err)
	}
	dated := bytes.Replace(xmp, []byte("<rdf:Description"), []byte("<rdf:Description xmp:ModifyDate=\"2026-06-16\""), 1)
	later := updated(t, signed, func(_ *document, u *update) {
		u.putStream(pdfRef{num: 5}, st.(*pdfStream).dict, dated)
	})
	requireVerdict(t, mustVerify(t, later, trusting()), VerdictValid)

	v := victim(t)
	later = updated(t, v, func(d *document, u *update) {
		u.put(pdfRef{num: objInfo}, get(t, d, objInfo).with("ModDate", textString("D:2026")))
	})
	requireVerdict(t, mustVerify(t, later, trusting()), VerdictValid)
}

func TestASignatureMayNameNoPolicy(t *testing.T) {
	o := pki().options(0)
	o.Policy = nil
	signed, _ := mustSign(t, samplePDF(t, 1), o)
	if got := mustVerify(t, signed, trusting()).Signatures[0].PolicyOID; got != DefaultPolicyOID {
		t.Errorf("policy %q without asking for one", got)
	}
	o.NoPolicy = true
	signed, _ = mustSign(t, samplePDF(t, 1), o)
	r := mustVerify(t, signed, trusting())
	requireVerdict(t, r, VerdictValid)
	if got := r.Signatures[0].PolicyOID; got != "" {
		t.Errorf("policy %q", got)
	}
}

func TestAnEmptySignatureFieldOfTheFormMayBeFilledLater(t *testing.T) {
	in := buildPDF(
		"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [4 0 R] >> >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Annots [4 0 R] >>",
		"<< /FT /Sig /T (chefe) /Type /Annot /Subtype /Widget /Rect [50 600 200 620] /P 3 0 R /F 4 >>",
	)
	first, _ := mustSign(t, in, pki().options(0))
	doc := open(t, first)
	u, err := newUpdate(doc, int64(len(first)), false)
	if err != nil {
		t.Fatal(err)
	}
	p, o := &plan{size: int64(len(first))}, pki().options(1)
	if err := o.prepare(); err != nil {
		t.Fatal(err)
	}
	ref := u.newRef()
	p.put(u, ref, o.dictionary(), o.ContentsSize)
	u.put(pdfRef{num: 4}, get(t, doc, 4).with("V", ref))
	u.finish("x")
	p.tail = u.out
	copy(p.tail[p.rangeAt:], fmt.Sprintf("[0 %d %d %d]", len(first)+p.gap[0], len(first)+p.gap[1], len(p.tail)-p.gap[1]))
	h := sha256.New()
	h.Write(first)
	h.Write(p.tail[:p.gap[0]])
	h.Write(p.tail[p.gap[1]:])
	cms, err := buildCMS(context.Background(), h.Sum(nil), o.cms())
	if err != nil {
		t.Fatal(err)
	}
	if err := p.embed(cms); err != nil {
		t.Fatal(err)
	}
	r := mustVerify(t, append(first, p.tail...), trusting())
	requireVerdict(t, r, VerdictValid)
	if len(r.Signatures) != 2 {
		t.Errorf("%d signatures", len(r.Signatures))
	}
}

func TestACertificationThatClosesTheDocumentIsRespected(t *testing.T) {
	o := pki().options(0)
	o.Certify = 1
	closed, _ := mustSign(t, samplePDF(t, 1), o)
	requireVerdict(t, mustVerify(t, closed, trusting()), VerdictValid)
	err := signError(closed, pki().options(1))
	if sei.CodeOf(err) != CodeLocked {
		t.Fatalf("signing a closed document: %v", err)
	}
	// Another program signs all the same.
	r := mustVerify(t, signAround(t, closed, SubFilterETSI, func(content []byte) []byte {
		sum := sha256.Sum256(content)
		o := pki().options(0)
		o.Digest = crypto.SHA256
		cms, err := buildCMS(context.Background(), sum[:], o.cms())
		if err != nil {
			t.Fatal(err)
		}
		return cms
	}), trusting())
	requireVerdict(t, r, VerdictInvalid)
	if r.Signatures[1].Verdict != VerdictValid {
		t.Errorf("the later signature itself: %+v", r.Signatures[1].Reasons)
	}

	o.Certify = 2
	certified, _ := mustSign(t, samplePDF(t, 1), o)
	both, _ := mustSign(t, certified, pki().options(1))
	requireVerdict(t, mustVerify(t, both, trusting()), VerdictValid)
	if err := signError(both, o); sei.CodeOf(err) != CodeLocked {
		t.Fatalf("certifying a signed document: %v", err)
	}
}

func TestEveryAlgorithmSignsAndVerifies(t *testing.T) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ed := issue(t, trainingca.IssueOptions{Public: key.Public(), NotBefore: testNow.AddDate(-1, 0, 0)})
	ed.Key = key
	for _, id := range append(slices.Clone(pki().ids), ed) {
		for _, h := range []crypto.Hash{crypto.SHA256, crypto.SHA512} {
			o := pki().options(0)
			o.Signer, o.Certificate, o.Digest = id.Key, id.Certificate, h
			signed, _ := mustSign(t, samplePDF(t, 1), o)
			r := mustVerify(t, signed, trusting())
			requireVerdict(t, r, VerdictValid)
			t.Log(r.Signatures[0].Algorithm)
		}
	}
}

func TestTheSubFilterOfTheLetterIsAnOption(t *testing.T) {
	o := pki().options(0)
	o.SubFilter = SubFilterPBAD
	signed, _ := mustSign(t, samplePDF(t, 1), o)
	r := mustVerify(t, signed, trusting())
	requireVerdict(t, r, VerdictValid)
	if r.Signatures[0].SubFilter != "PBAD.PAdES" || !bytes.Contains(signed, []byte("/Filter /PBAD_PAdES")) {
		t.Error("PBAD.PAdES was not written")
	}
}

func TestTheCMSHasExactlyTheAttributesOfThePolicy(t *testing.T) {
	_, s := mustSign(t, samplePDF(t, 1), pki().options(0))
	m, err := parseCMS(s.CMS)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{oidContentType.String(), oidMessageDigest.String(), oidSigPolicy.String(), oidSigningCertV2.String()}
	var got []string
	for k := range m.attrs {
		got = append(got, k)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) || len(m.unsigned) != 0 {
		t.Errorf("attributes %v, want %v; unsigned %v", got, want, m.unsigned)
	}
	if !bytes.Contains(s.CMS, []byte("http://politicas.icpbrasil.gov.br/PA_PAdES_AD_RB_v1_3.der")) {
		t.Error("the policy's address is missing")
	}
	if der := derSetOf(0x31, splitDER(t, m.rawAttrs)...); !bytes.Equal(der, m.rawAttrs) {
		t.Error("the signed attributes are not in DER order")
	}
}

func splitDER(t testing.TB, set []byte) [][]byte {
	var outer asn1.RawValue
	if _, err := asn1.Unmarshal(set, &outer); err != nil {
		t.Fatal(err)
	}
	var out [][]byte
	for rest := outer.Bytes; len(rest) > 0; {
		var v asn1.RawValue
		var err error
		if rest, err = asn1.Unmarshal(rest, &v); err != nil {
			t.Fatal(err)
		}
		out = append(out, v.FullBytes)
	}
	return out
}
