package pades

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"io"
	"sort"
	"time"
)

// ChainVerifier builds and judges certificate chains. Implementations do not
// have to know this package: certificates and errors are plain.
type ChainVerifier interface {
	// VerifyChain builds a chain from leaf, with the help of others, to a
	// configured root, as of the time at. It returns the chain (leaf first)
	// and the kind of its root: "icp-brasil", "govbr", "training" or "other".
	// Errors carry one of the CodeChain… codes.
	VerifyChain(ctx context.Context, leaf *x509.Certificate, others []*x509.Certificate, at time.Time) (chain []*x509.Certificate, anchor string, err error)
	// CheckRevocation tells whether a certificate of the chain was revoked at
	// the time at: nil for no, CodeChainRevoked for yes, CodeChainNotChecked
	// when there is no way to know. crls and ocsps (DER) came with the file and
	// count for no more than their signatures. A CodeChainRevoked may hold, in
	// its chain, something with RevokedAt() time.Time.
	CheckRevocation(ctx context.Context, chain []*x509.Certificate, at time.Time, crls, ocsps [][]byte) error
}

// The kinds of root that give a legal level.
const (
	AnchorICPBrasil = "icp-brasil"
	AnchorGovBR     = "govbr"
)

// VerifyOptions says against what to judge. The zero value trusts no root, so
// that nothing can be better than indeterminate.
type VerifyOptions struct {
	Chains ChainVerifier
	// Now is the time of judgement; the present when zero.
	Now time.Time
	// ProvenTime is a time at which the file is known to have existed as it
	// is (the central's acceptance). Zero when nothing is known.
	ProvenTime time.Time
}

// Verify judges every signature of a PDF. The error is for files that cannot
// be read as a PDF at all (CodeDamaged, CodeEncrypted, CodeTooComplex) and for
// failures to read; what is wrong with a signature is in the report. A file
// without signatures gives VerdictUnsigned.
func Verify(ctx context.Context, in io.ReaderAt, size int64, opts VerifyOptions) (*Report, error) {
	if opts.Now.IsZero() {
		opts.Now = time.Now()
	}
	doc, err := openDocument(ctx, &source{r: in, size: size})
	if err != nil {
		return nil, err
	}
	found, err := findSignatures(doc)
	if err != nil {
		return nil, err
	}
	if err := digestAll(ctx, doc.src, found); err != nil {
		return nil, err
	}
	v := &verifier{ctx: ctx, doc: doc, opts: opts, found: found}
	if len(found) > 0 {
		v.kept = doc.securityStore()
	}
	if err := v.judge(); err != nil {
		return nil, err
	}
	return v.report(size), nil
}

// candidate is a signature on its way through the checks.
type candidate struct {
	Signature
	sig      *pdfDict
	contents []byte
	cms      *signedMessage
	ranged   bool // the ByteRange is sound
	k        int  // section of the signed revision; -1 when there is none
	digest   []byte
	level    int64 // DocMDP of a certification signature
	changed  error
}

// findSignatures lists the signed fields in the order in which they were
// signed, with everything that can be read without touching the content.
func findSignatures(doc *document) ([]*candidate, error) {
	fields, err := doc.signatureFields()
	if err != nil {
		return nil, err
	}
	var out []*candidate
	seen := map[pdfRef]bool{}
	for _, f := range fields {
		if !f.dict.has("V") {
			continue
		}
		if len(out) >= maxSignatures {
			return nil, tooComplex("assinaturas demais")
		}
		c, err := readCandidate(doc, f)
		if err != nil {
			return nil, err
		}
		if f.value.num != 0 && seen[f.value] {
			c.ranged = false
			c.add(VerdictInvalid, ReasonByteRange, "Dois campos mostram a mesma assinatura.")
		}
		seen[f.value] = true
		out = append(out, c)
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].SignedSize < out[j].SignedSize })
	refuseOverlaps(out)
	return out, nil
}

// refuseOverlaps asks that each signature stands after what the one before it
// covers: revisions only ever follow one another. It also bounds the hashing.
func refuseOverlaps(sorted []*candidate) {
	end := int64(0)
	for _, c := range sorted {
		if !c.ranged {
			continue
		}
		if c.ByteRange[1] < end {
			c.ranged = false
			c.add(VerdictInvalid, ReasonByteRange, "Duas assinaturas dizem cobrir a mesma parte do arquivo.")
			continue
		}
		end = c.SignedSize
	}
}

func readCandidate(doc *document, f field) (*candidate, error) {
	c := &candidate{sig: f.sig, k: -1}
	c.Field, c.Kind, c.Level, c.Verdict = f.name, KindSignature, LevelUnknown, VerdictValid
	if f.sig == nil {
		c.add(VerdictInvalid, ReasonFormat, "O campo de assinatura não contém uma assinatura legível.")
		return c, nil
	}
	if isTimestamp(f.sig) {
		c.Kind = KindTimestamp
	}
	c.SubFilter = string(f.sig.name("SubFilter"))
	c.Name, c.Reason, c.Location = textOf(f.sig, "Name"), textOf(f.sig, "Reason"), textOf(f.sig, "Location")
	c.DeclaredTime, _ = parseDate(textOf(f.sig, "M"))
	var err error
	if c.level, err = doc.transformLevel(f.sig); err != nil {
		return nil, err
	}
	c.checkRange(doc, f)
	return c, nil
}

func textOf(d *pdfDict, key pdfName) string {
	s, _ := d.get(key).(pdfString)
	return cleanText(decodeText(s.val))
}

// checkRange makes sure that the ByteRange covers a whole revision of the file
// but for the hexadecimal string of this very signature, bracket to bracket.
func (c *candidate) checkRange(doc *document, f field) {
	bad := func(msg string) { c.add(VerdictInvalid, ReasonByteRange, msg) }
	e := doc.lookup(f.value.num)
	contents, ok := c.sig.get("Contents").(pdfString)
	if f.value.num == 0 || e.kind != entryInFile || !ok || contents.pos < 0 || !contents.hex {
		bad("A assinatura não está guardada da forma que a norma pede.")
		return
	}
	list, _ := c.sig.get("ByteRange").(pdfArray)
	if len(list) != 4 {
		bad("A assinatura não diz direito que partes do arquivo cobre.")
		return
	}
	for i, o := range list {
		if c.ByteRange[i], ok = o.(int64); !ok {
			bad("A assinatura não diz direito que partes do arquivo cobre.")
			return
		}
	}
	r := c.ByteRange
	if r[0] != 0 || r[1] != contents.pos || r[2] != contents.end || r[3] <= 0 || r[3] > doc.src.size-r[2] || e.off > r[1] {
		bad("A assinatura não cobre o arquivo como deveria: pode ter havido fraude.")
		return
	}
	if int64(2*len(contents.val)) != contents.end-contents.pos-2 {
		bad("O espaço da assinatura contém dados que não são dela.")
		return
	}
	c.contents, c.SignedSize, c.ranged = contents.val, r[2]+r[3], true
	c.CoversFile = c.SignedSize == doc.src.size
	c.locate(doc)
}

// locate finds the revision that was signed in the chain of today.
func (c *candidate) locate(doc *document) {
	k, err := doc.boundary(c.SignedSize)
	if err != nil {
		c.changed = err
		return
	}
	c.k = k
	c.PrecedingSize = doc.precedingEnd(k)
}

type verifier struct {
	ctx   context.Context
	doc   *document
	opts  VerifyOptions
	found []*candidate
	kept  validationData // of the document's security store
}

// judge runs the checks: first what changed, then timestamps of the document
// from the newest (they prove the time of what lies under them), then people's
// signatures.
func (v *verifier) judge() error {
	if err := v.judgeChanges(); err != nil {
		return err
	}
	proven := v.opts.ProvenTime
	for i := len(v.found) - 1; i >= 0; i-- {
		c := v.found[i]
		if !c.ranged {
			continue
		}
		if err := v.ctx.Err(); err != nil {
			return err
		}
		at, err := v.signature(c, proven)
		if err != nil {
			return err
		}
		if c.Kind == KindTimestamp && c.Verdict == VerdictValid && (proven.IsZero() || at.Before(proven)) {
			proven = at
		}
	}
	return nil
}

func (v *verifier) report(size int64) *Report {
	r := &Report{Verdict: VerdictUnsigned, Size: size, Signatures: []Signature{}}
	if len(v.found) == 0 {
		if _, err := v.doc.boundary(size); err != nil {
			r.Reasons = append(r.Reasons, Reason{ReasonLooseData, "Há dados soltos depois do fim do PDF: ele pode estar incompleto ou ter perdido uma assinatura.", VerdictIndeterminate})
		}
	}
	for i, c := range v.found {
		if i == 0 {
			r.OriginalSize = c.PrecedingSize
		}
		r.Verdict = worse(r.Verdict, c.Verdict)
		r.Signatures = append(r.Signatures, c.Signature)
	}
	return r
}

// describeCertificate copies what people want to see of the certificate.
func (c *candidate) describeCertificate(cert *x509.Certificate) {
	sum := sha256.Sum256(cert.Raw)
	c.Signer = ParseIdentity(cert)
	c.Issuer = cert.Issuer.CommonName
	c.Serial = cert.SerialNumber.String()
	c.NotBefore = cert.NotBefore.UTC().Format(time.RFC3339)
	c.NotAfter = cert.NotAfter.UTC().Format(time.RFC3339)
	c.CertSHA256 = hex.EncodeToString(sum[:])
}
