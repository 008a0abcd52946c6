package pades

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// The values of /SubFilter that Sign writes.
const (
	// SubFilterETSI is what every reader understands (EN 319 142-1). The default.
	SubFilterETSI = "ETSI.CAdES.detached"
	// SubFilterPBAD is the letter of DOC-ICP-15.03, Table A.18, which most readers cannot open.
	SubFilterPBAD = "PBAD.PAdES"
)

// DefaultContentsSize is the space for the CMS when none is asked for, in bytes.
const DefaultContentsSize = 16 << 10

// SignOptions says how to sign. Signer and Certificate are required; the zero
// value of everything else is a sound default.
type SignOptions struct {
	Signer      crypto.Signer       // the private key; asked exactly once for a signature
	Certificate *x509.Certificate   // the signer's
	Chain       []*x509.Certificate // issuers to embed, without the root if not wanted

	Name     string    // /Name: the person, as the document shows it
	Reason   string    // /Reason
	Location string    // /Location
	Time     time.Time // /M, the declared time; now when zero

	Policy       *Policy     // named in the CMS; nil for the current one of the level (AD-RB, or AD-RT with Timestamp)
	NoPolicy     bool        // name no policy at all, whatever Policy says
	SubFilter    string      // SubFilterETSI when empty
	Digest       crypto.Hash // SHA256 (default), SHA384 or SHA512
	ContentsSize int         // bytes reserved for the CMS; DefaultContentsSize when 0
	Stamp        *Stamp      // nil: an invisible signature
	// Certify makes this a certification signature (DocMDP) of level 1 to 3;
	// only for a file without signatures. 0 for an ordinary one.
	Certify int
	// Timestamp, when set, is asked for a token over the signature value, which
	// makes the signature AD-RT (EN 319 122-1, 5.3). Its failure is Sign's.
	Timestamp Timestamper
	// Expect is the SHA-256 of the input in lower-case hexadecimal, when the
	// caller has shown it to the signer: anything else is CodeChanged, before
	// the key is asked.
	Expect string

	detached        bool     // a CAdES beside the file
	extraAttributes [][]byte // for tests: forbidden attributes and the like
	unchecked       bool     // for tests: skip the checks on certificate and policy
}

// DefaultPolicy is AD-RB v1.3, the basic policy of ICP-Brasil.
func DefaultPolicy() *Policy { return mustPolicy(DefaultPolicyOID) }

func mustPolicy(oid string) *Policy {
	p, ok := PolicyByOID(oid)
	if !ok {
		panic("policies.csv lacks " + oid)
	}
	return &p
}

// Signed describes what Sign wrote.
type Signed struct {
	Field          string   // full name of the new signature field
	ByteRange      [4]int64 // what the signature covers
	Size           int64    // bytes written
	SHA256         [32]byte // of the whole signed file
	OriginalSize   int64    // bytes of the input, the signed file's prefix
	OriginalSHA256 [32]byte // of the input
	CMS            []byte   // the signature container, DER
	Time           time.Time
}

// Sign writes to out the size bytes of in, unchanged, followed by an
// incremental update that holds a PAdES signature over the whole file. The
// layout is computed first, so the file is read twice (to hash, to copy) and
// written once, in order; memory does not depend on its size.
//
// Errors: CodeEncrypted, CodeDamaged, CodeTooComplex, CodeLocked,
// CodeCertificate, CodeKeyMismatch, CodePolicy, CodeContentsSize, CodePage,
// CodeChanged; the error of the Signer as it is; out may hold part of a file
// after any error.
func Sign(ctx context.Context, in io.ReaderAt, size int64, out io.Writer, opts SignOptions) (*Signed, error) {
	if err := opts.prepare(); err != nil {
		return nil, err
	}
	src := &source{r: in, size: size}
	doc, err := openDocument(ctx, src)
	if err != nil {
		return nil, err
	}
	if err := checkSignable(doc, &opts); err != nil {
		return nil, err
	}
	p, err := planUpdate(doc, src, &opts)
	if err != nil {
		return nil, err
	}
	first, digest, err := digestOnce(ctx, src, opts.Digest)
	if err != nil {
		return nil, err
	}
	if err := opts.expected([32]byte(first.Sum(nil))); err != nil {
		return nil, err
	}
	digest.Write(p.tail[:p.gap[0]])
	digest.Write(p.tail[p.gap[1]:])
	cms, err := buildCMS(ctx, digest.Sum(nil), opts.cms())
	if err != nil {
		return nil, err
	}
	if cms, err = opts.stampTime(ctx, cms); err != nil {
		return nil, err
	}
	if err := p.embed(cms); err != nil {
		return nil, err
	}
	return p.emit(ctx, out, src, first, cms, opts.Time)
}

// digestOnce hashes the file with SHA-256 and with h, in one pass; one hash
// serves for both when they are the same.
func digestOnce(ctx context.Context, src *source, h crypto.Hash) (first, digest hash.Hash, err error) {
	first = sha256.New()
	if h == crypto.SHA256 {
		if err := copyRange(ctx, first, src, 0, src.size); err != nil {
			return nil, nil, err
		}
		digest, err = cloned(first)
		return first, digest, err
	}
	digest = h.New()
	return first, digest, copyRange(ctx, io.MultiWriter(first, digest), src, 0, src.size)
}

func (o *SignOptions) cms() cmsOptions {
	return cmsOptions{signer: o.Signer, cert: o.Certificate, chain: o.Chain, hash: o.Digest, policy: o.Policy, extra: o.extraAttributes}
}

// prepare fills the defaults and checks the options against one another.
func (o *SignOptions) prepare() error {
	if o.Signer == nil || o.Certificate == nil {
		return errors.New("pades: SignOptions without Signer or Certificate")
	}
	if o.Time.IsZero() {
		o.Time = time.Now()
	}
	if o.SubFilter == "" {
		o.SubFilter = SubFilterETSI
	}
	if o.Digest == 0 {
		o.Digest = crypto.SHA256
	}
	if _, ok := o.Certificate.PublicKey.(ed25519.PublicKey); ok {
		o.Digest = crypto.SHA512 // RFC 8419
	}
	if o.ContentsSize == 0 {
		o.ContentsSize = DefaultContentsSize
		if o.Timestamp != nil {
			o.ContentsSize *= 2
		}
	}
	if o.Policy == nil {
		o.Policy = o.currentPolicy()
	}
	if o.NoPolicy {
		o.Policy = nil
	}
	switch {
	case o.SubFilter != SubFilterETSI && o.SubFilter != SubFilterPBAD:
		return fmt.Errorf("pades: unknown SubFilter %q", o.SubFilter)
	case o.Digest != crypto.SHA256 && o.Digest != crypto.SHA384 && o.Digest != crypto.SHA512:
		return fmt.Errorf("pades: unsupported digest %v", o.Digest)
	case o.ContentsSize < 1024 || o.ContentsSize > maxCMSBytes:
		return fmt.Errorf("pades: ContentsSize %d out of range", o.ContentsSize)
	case o.Certify < 0 || o.Certify > 3:
		return fmt.Errorf("pades: Certify %d out of range", o.Certify)
	}
	if o.unchecked {
		return nil
	}
	return o.checkCertificate()
}

// currentPolicy is the policy of the form and level that is asked for.
func (o *SignOptions) currentPolicy() *Policy {
	oid := DefaultPolicyOID
	switch {
	case o.detached && o.Timestamp != nil:
		oid = DetachedTimestampOID
	case o.detached:
		oid = DetachedPolicyOID
	case o.Timestamp != nil:
		oid = TimestampedPolicyOID
	}
	return mustPolicy(oid)
}

// expected refuses an input that is not what the signer was shown.
func (o *SignOptions) expected(sum [32]byte) error {
	if o.Expect == "" || o.Expect == hex.EncodeToString(sum[:]) {
		return nil
	}
	return sei.Errorf(CodeChanged, "O arquivo não é mais o que foi mostrado. Confira-o e assine de novo.")
}

func (o *SignOptions) checkCertificate() error {
	c := o.Certificate
	if !samePublicKey(o.Signer.Public(), c.PublicKey) {
		return sei.Errorf(CodeKeyMismatch, "A chave privada não corresponde ao certificado escolhido. Escolha outro certificado ou verifique o token.")
	}
	if o.Time.Before(c.NotBefore) {
		return sei.Errorf(CodeCertificate, "O certificado só vale a partir de %s. Verifique a data do computador ou escolha outro certificado.", c.NotBefore.Local().Format("02/01/2006"))
	}
	if o.Time.After(c.NotAfter) {
		return sei.Errorf(CodeCertificate, "O certificado venceu em %s. Renove-o ou escolha outro certificado.", c.NotAfter.Local().Format("02/01/2006"))
	}
	if !CanSign(c) {
		return sei.Errorf(CodeCertificate, "Este certificado não foi emitido para assinar documentos. Escolha outro certificado.")
	}
	if weakKey(c.PublicKey) {
		return sei.Errorf(CodeCertificate, "A chave deste certificado é fraca demais para assinar. Use um certificado com chave RSA de 2048 bits ou mais.")
	}
	if o.Policy == nil {
		return nil
	}
	if !o.Policy.InForce(o.Time) {
		return sei.Errorf(CodePolicy, "A política de assinatura %s não está em vigor em %s. Verifique a data do computador.", o.Policy.Name, o.Time.Format("02/01/2006"))
	}
	return o.Policy.Allows(c.PublicKey, o.Digest)
}

func samePublicKey(a, b crypto.PublicKey) bool {
	k, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && k.Equal(b)
}

// CanSign tells whether the key usage allows signatures of documents; a
// certificate that does not state its usage does (RFC 5280, 4.2.1.3).
func CanSign(c *x509.Certificate) bool {
	return c.KeyUsage == 0 || c.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) != 0
}

func weakKey(pub crypto.PublicKey) bool {
	switch k := pub.(type) {
	case *rsa.PublicKey:
		return k.N.BitLen() < 2048
	case *ecdsa.PublicKey:
		return k.Curve.Params().BitSize < 256
	}
	return false
}

func checkSignable(doc *document, opts *SignOptions) error {
	// A file with a torn end would be signed as the older revision that readers
	// fall back to, which is not what the signer has seen.
	if _, err := doc.boundary(doc.src.size); err != nil {
		return damaged("há dados soltos depois do fim")
	}
	level, err := doc.certificationLevel()
	if err != nil {
		return err
	}
	if level == 1 {
		return sei.Errorf(CodeLocked, "O PDF foi certificado por quem o criou e não admite novas assinaturas.")
	}
	if opts.Certify == 0 {
		return nil
	}
	fields, err := doc.signatureFields()
	if err != nil {
		return err
	}
	for _, f := range fields {
		if f.sig != nil {
			return sei.Errorf(CodeLocked, "O PDF já está assinado: só a primeira assinatura pode certificá-lo. Assine sem certificar.")
		}
	}
	return nil
}

// plan is the finished update with the hole for the signature. gap is the
// place of the whole hexadecimal string, with its brackets, inside tail.
type plan struct {
	field     string
	tail      []byte
	gap       [2]int
	rangeAt   int // where the ByteRange's text goes
	byteRange [4]int64
	size      int64 // of the original
}

// updateRoom is what an update usually takes beside the hole, in bytes.
const updateRoom = 8 << 10

// newPlan starts the update that will hold one signature, and finds its page.
func newPlan(doc *document, src *source, pageNumber int) (*plan, *update, pdfRef, error) {
	last, err := src.readAt(src.size-1, 1)
	if err != nil {
		return nil, nil, pdfRef{}, err
	}
	u, err := newUpdate(doc, src.size, last[0] != '\n' && last[0] != '\r')
	if err != nil {
		return nil, nil, pdfRef{}, err
	}
	p := &plan{size: src.size}
	if p.field, err = doc.freeFieldName(); err != nil {
		return nil, nil, pdfRef{}, err
	}
	page, err := doc.findPage(pageNumber)
	return p, u, page, err
}

func planUpdate(doc *document, src *source, opts *SignOptions) (*plan, error) {
	number := 1
	if opts.Stamp != nil {
		number = opts.Stamp.Page
	}
	p, u, page, err := newPlan(doc, src, number)
	if err != nil {
		return nil, err
	}
	u.out = slices.Grow(u.out, 2*opts.ContentsSize+updateRoom)
	ref := u.newRef()
	p.put(u, ref, opts.dictionary(), opts.ContentsSize)
	if err := p.place(doc, u, page, ref, opts.Stamp, opts.Certify > 0); err != nil {
		return nil, err
	}
	p.close(u, opts.Certificate.SerialNumber.String()+opts.Time.UTC().Format(time.RFC3339Nano))
	return p, nil
}

// place adds the field and the widget of the signature to the form and the page.
func (p *plan) place(doc *document, u *update, page, sig pdfRef, stamp *Stamp, certify bool) error {
	widget, look := u.newRef(), u.newRef()
	rotation, err := doc.pageRotation(page)
	if err != nil {
		return err
	}
	rect, err := u.putAppearance(look, stamp, rotation)
	if err != nil {
		return err
	}
	d := makeDict(
		pdfName("Type"), pdfName("Annot"), pdfName("Subtype"), pdfName("Widget"), pdfName("FT"), pdfName("Sig"),
		pdfName("T"), textString(p.field), pdfName("V"), sig, pdfName("P"), page, pdfName("Rect"), rect,
		// Print and Locked: PDF/A asks for the first.
		pdfName("F"), int64(132), pdfName("AP"), makeDict(pdfName("N"), look))
	if stamp != nil && rotation != 0 {
		d = d.with("MK", makeDict(pdfName("R"), int64(rotation)))
	}
	u.put(widget, d)
	cert := pdfRef{}
	if certify {
		cert = sig
	}
	return u.placeField(widget, page, cert)
}

// close ends the update and fills in the ByteRange.
func (p *plan) close(u *update, idSeed string) {
	u.finish(idSeed)
	p.tail = u.out
	p.byteRange = [4]int64{0, p.size + int64(p.gap[0]), p.size + int64(p.gap[1]), int64(len(p.tail) - p.gap[1])}
	copy(p.tail[p.rangeAt:], fmt.Sprintf("[0 %d %d %d]", p.byteRange[1], p.byteRange[2], p.byteRange[3]))
}

// rangePlaceholder leaves room for the longest ByteRange: three 19-digit numbers.
const rangePlaceholder = "                                                                "

// dictionary is the signature's own, without the entries that have holes.
func (o *SignOptions) dictionary() *pdfDict {
	filter := pdfName("Adobe.PPKLite")
	if o.SubFilter == SubFilterPBAD {
		filter = "PBAD_PAdES"
	}
	d := makeDict(pdfName("Type"), pdfName("Sig"), pdfName("Filter"), filter, pdfName("SubFilter"), pdfName(o.SubFilter),
		pdfName("M"), textString(formatDate(o.Time)))
	for _, e := range []struct {
		key pdfName
		val string
	}{{"Name", o.Name}, {"Reason", o.Reason}, {"Location", o.Location}} {
		if e.val != "" {
			d = d.with(e.key, textString(e.val))
		}
	}
	if o.Certify > 0 {
		params := makeDict(pdfName("Type"), pdfName("TransformParams"), pdfName("P"), int64(o.Certify), pdfName("V"), pdfName("1.2"))
		d = d.with("Reference", pdfArray{makeDict(pdfName("Type"), pdfName("SigRef"), pdfName("TransformMethod"), pdfName("DocMDP"), pdfName("TransformParams"), params)})
	}
	return d
}

// put writes a signature dictionary with the holes for its ByteRange and its
// CMS of up to room bytes.
func (p *plan) put(u *update, ref pdfRef, d *pdfDict, room int) {
	u.open(ref)
	u.out = bytes.TrimSuffix(appendObject(u.out, d), []byte(">>"))
	u.out = append(u.out, "/ByteRange "...)
	p.rangeAt = len(u.out)
	u.out = append(u.out, rangePlaceholder...)
	u.out = append(u.out, " /Contents "...)
	p.gap[0] = len(u.out)
	u.out = append(u.out, '<')
	u.out = slices.Grow(u.out, 2*room)
	hole := u.out[len(u.out) : len(u.out)+2*room]
	for i := range hole {
		hole[i] = '0'
	}
	u.out = u.out[:len(u.out)+2*room]
	u.out = append(u.out, '>')
	p.gap[1] = len(u.out)
	u.out = append(u.out, " >>"...)
	u.close()
}

// embed puts the CMS into its hole.
func (p *plan) embed(cms []byte) error {
	room := (p.gap[1] - p.gap[0] - 2) / 2
	if len(cms) > room {
		return sei.Errorf(CodeContentsSize, "A assinatura com a cadeia de certificados ocupa %d bytes e só %d foram reservados. Tente de novo sem a cadeia ou com mais espaço.", len(cms), room)
	}
	hex.Encode(p.tail[p.gap[0]+1:], cms)
	return nil
}

// emit copies the original and the update to out, making sure that the
// original is still what was hashed.
func (p *plan) emit(ctx context.Context, out io.Writer, src *source, first hash.Hash, cms []byte, at time.Time) (*Signed, error) {
	whole := sha256.New()
	if err := copyRange(ctx, io.MultiWriter(out, whole), src, 0, src.size); err != nil {
		return nil, err
	}
	if !bytes.Equal(whole.Sum(nil), first.Sum(nil)) {
		return nil, sei.Errorf(CodeChanged, "O arquivo mudou enquanto era assinado. Feche-o nos outros programas e assine de novo.")
	}
	if _, err := io.MultiWriter(out, whole).Write(p.tail); err != nil {
		return nil, fmt.Errorf("writing the signed PDF: %w", err)
	}
	s := &Signed{Field: p.field, ByteRange: p.byteRange, Size: p.size + int64(len(p.tail)), OriginalSize: p.size, CMS: cms, Time: at}
	whole.Sum(s.SHA256[:0])
	first.Sum(s.OriginalSHA256[:0])
	return s, nil
}

// copyRange streams n bytes from off, minding ctx; a short file is an error.
func copyRange(ctx context.Context, w io.Writer, src *source, off, n int64) error {
	buf := make([]byte, max(0, min(n, copyBuffer)))
	for n > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		b := buf[:min(n, int64(len(buf)))]
		if m, err := src.r.ReadAt(b, off); m < len(b) {
			return fmt.Errorf("reading the PDF at %d: %w", off+int64(m), err)
		}
		if _, err := w.Write(b); err != nil {
			return fmt.Errorf("writing the signed PDF: %w", err)
		}
		off += int64(len(b))
		n -= int64(len(b))
	}
	return nil
}
