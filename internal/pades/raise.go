package pades

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha1" //nolint:gosec // ISO 32000-2 names the entries of VRI by it; nothing rests on its strength
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// RaiseLevel is what Raise brings a signed file to. Each holds what those
// before it hold (EN 319 142-1, 6.1; DOC-ICP-15.03).
type RaiseLevel string

// The levels, with the name of the corresponding level of EN 319 142-1.
const (
	// RaiseTimestamp proves the time of the last signature (AD-RT, B-T).
	RaiseTimestamp RaiseLevel = "AD-RT"
	// RaiseReferences adds all that is needed to judge the file later, under a
	// document timestamp (AD-RC, B-LT and B-LTA).
	RaiseReferences RaiseLevel = "AD-RC"
	// RaiseArchive also adds the policy and the signed list of policies that
	// were in force (AD-RA).
	RaiseArchive RaiseLevel = "AD-RA"
)

// ValidationSource finds what is needed to judge a certificate later:
// internal/trust has the implementation.
type ValidationSource interface {
	// Prove builds the chain of leaf as VerifyChain does and returns its
	// certificates, leaf first, and the revocation data (DER) for each of them.
	// It fails when any part is missing.
	Prove(ctx context.Context, leaf *x509.Certificate, others []*x509.Certificate, at time.Time, crls, ocsps [][]byte) (chain []*x509.Certificate, newCRLs, newOCSPs [][]byte, err error)
}

// PolicyArtifacts are the files that AD-RA asks to be kept with the document:
// the policy, the list of policies and the list's signature, as ITI publishes
// them (DER).
type PolicyArtifacts struct{ Policy, List, ListSignature []byte }

func (a PolicyArtifacts) whole() bool {
	return len(a.Policy) > 0 && len(a.List) > 0 && len(a.ListSignature) > 0
}

// RaiseOptions says how to raise. Timestamp is always required.
type RaiseOptions struct {
	To        RaiseLevel
	Timestamp Timestamper
	// Validation is required from AD-RC on.
	Validation ValidationSource
	// Artifacts gives the files of a policy by its OID; required for AD-RA.
	Artifacts func(policyOID string) (PolicyArtifacts, error)
	Now       time.Time // time.Now when zero

	roomForToken int // for tests
}

// How a file was raised.
const (
	RaisedInPlace  = "signature_timestamp" // in the last signature's own hole
	RaisedAppended = "document_timestamp"  // in a new update at the end
)

// Raised describes what Raise wrote.
type Raised struct {
	How    string    `json:"how"`
	Time   time.Time `json:"time"` // of the newest timestamp
	Size   int64     `json:"size"`
	SHA256 [32]byte  `json:"-"`
}

// Codes of Raise's own errors.
const (
	// CodeNothingToRaise is a file without signatures, or one that has reached the level.
	CodeNothingToRaise sei.Code = "pades.nothing_to_raise"
	// CodeNotRaisable is a file whose signatures cannot be read or were altered.
	CodeNotRaisable sei.Code = "pades.not_raisable"
)

const timestampRoom = 16 << 10 // bytes reserved for a document timestamp

// Raise writes to out the signed file in with more proof: no key of the signer
// is needed. The last signature gets a timestamp in its own hole when nothing
// follows it and the token fits; all else is appended, so that every earlier
// byte outside that hole stays as it was. in is left alone. Errors:
// CodeNothingToRaise, CodeNotRaisable, CodeDamaged, CodeEncrypted, CodeTooComplex,
// CodeTimestamp, those of Timestamp, Validation and Artifacts as they are.
func Raise(ctx context.Context, in io.ReaderAt, size int64, out io.Writer, o RaiseOptions) (*Raised, error) {
	if o.Timestamp == nil || o.To != RaiseTimestamp && o.Validation == nil || o.To == RaiseArchive && o.Artifacts == nil {
		return nil, errors.New("pades: RaiseOptions without Timestamp, Validation or Artifacts")
	}
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	if o.roomForToken == 0 {
		o.roomForToken = timestampRoom
	}
	src := &source{r: in, size: size}
	doc, found, err := openSigned(ctx, src)
	if err != nil {
		return nil, err
	}
	r := &raising{ctx: ctx, src: src, doc: doc, found: found, opts: o}
	switch o.To {
	case RaiseTimestamp:
		return r.timestamp(out)
	case RaiseReferences, RaiseArchive:
		return r.archive(out)
	}
	return nil, fmt.Errorf("pades: unknown level %q", o.To)
}

// openSigned opens a file whose signatures are all sound and unaltered; what
// is not is no better with a timestamp.
func openSigned(ctx context.Context, src *source) (*document, []*candidate, error) {
	doc, err := openDocument(ctx, src)
	if err != nil {
		return nil, nil, err
	}
	found, err := findSignatures(doc)
	if err != nil {
		return nil, nil, err
	}
	if len(found) == 0 {
		return nil, nil, sei.Errorf(CodeNothingToRaise, "O PDF não tem assinatura a elevar.")
	}
	if err := digestAll(ctx, src, found); err != nil {
		return nil, nil, err
	}
	v := &verifier{ctx: ctx, doc: doc, opts: VerifyOptions{Now: time.Now()}, found: found}
	if err := v.judgeChanges(); err != nil {
		return nil, nil, err
	}
	for _, c := range found {
		if c.Kind == KindSignature && c.cms != nil && c.digest != nil && c.cms.cert != nil {
			c.checkIntegrity()
		}
		if !c.ranged || c.cms == nil || c.cms.cert == nil || c.Verdict != VerdictValid {
			return nil, nil, sei.Errorf(CodeNotRaisable, "O PDF tem uma assinatura ilegível ou alterada e não pode ser elevado.")
		}
	}
	if _, err := doc.boundary(src.size); err != nil {
		return nil, nil, damaged("há dados soltos depois do fim")
	}
	return doc, found, nil
}

type raising struct {
	ctx   context.Context
	src   *source
	doc   *document
	found []*candidate
	opts  RaiseOptions
}

// timestamp raises to AD-RT.
func (r *raising) timestamp(out io.Writer) (*Raised, error) {
	last := r.found[len(r.found)-1]
	if last.Kind == KindTimestamp {
		return nil, sei.Errorf(CodeNothingToRaise, "O PDF já tem um carimbo do tempo depois da última assinatura.")
	}
	if _, has := last.cms.unsigned[oidTimeStamp.String()]; has {
		return nil, sei.Errorf(CodeNothingToRaise, "A última assinatura já tem carimbo do tempo.")
	}
	if last.CoversFile {
		raised, err := r.inPlace(out, last)
		if raised != nil || err != nil {
			return raised, err
		}
	}
	return r.append(out, nil)
}

// inPlace puts a token into the last signature's hole; nil, nil when it does
// not fit there.
func (r *raising) inPlace(out io.Writer, last *candidate) (*Raised, error) {
	n, err := derSize(last.contents)
	if err != nil {
		return nil, err
	}
	// A token has some kilobytes: a hole with less is not asked for.
	room := len(last.contents)
	if room-n < 1024 {
		return nil, nil
	}
	cms, err := addSignatureTimestamp(r.ctx, last.contents[:n], r.opts.Timestamp)
	if err != nil {
		return nil, err
	}
	if len(cms) > room {
		return nil, nil
	}
	m, err := parseCMS(cms)
	if err != nil {
		return nil, err
	}
	at, err := tokenTime(m.unsigned[oidTimeStamp.String()].FullBytes)
	if err != nil {
		return nil, err
	}
	hole := bytes.Repeat([]byte{'0'}, 2*room)
	hex.Encode(hole, cms)
	w := newCounted(out)
	begin, end := last.ByteRange[1]+1, last.ByteRange[2]-1
	for _, step := range []func() error{
		func() error { return copyRange(r.ctx, w, r.src, 0, begin) },
		func() error { _, err := w.Write(hole); return err },
		func() error { return copyRange(r.ctx, w, r.src, end, r.src.size-end) },
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return w.raised(RaisedInPlace, at), nil
}

// counted hashes and counts what is written.
type counted struct {
	io.Writer
	sum  hash.Hash
	size int64
}

func newCounted(out io.Writer) *counted {
	h := sha256.New()
	return &counted{Writer: io.MultiWriter(out, h), sum: h}
}

func (c *counted) Write(b []byte) (int, error) {
	n, err := c.Writer.Write(b)
	c.size += int64(n)
	if err != nil {
		return n, fmt.Errorf("writing the raised PDF: %w", err)
	}
	return n, nil
}

func (c *counted) raised(how string, at time.Time) *Raised {
	return &Raised{How: how, Time: at, Size: c.size, SHA256: [32]byte(c.sum.Sum(nil))}
}

func tokenTime(token []byte) (time.Time, error) {
	m, err := parseCMS(token)
	if err != nil {
		return time.Time{}, err
	}
	info, err := parseTSTInfo(m)
	if err != nil {
		return time.Time{}, err
	}
	return info.GenTime, nil
}

// append ends the file with one more update: validation data, if any, and a
// document timestamp over everything (EN 319 142-1, 5.4.3).
func (r *raising) append(out io.Writer, data *addition) (*Raised, error) {
	p, u, page, err := newPlan(r.doc, r.src, 1)
	if err != nil {
		return nil, err
	}
	if data != nil {
		if err := data.put(u); err != nil {
			return nil, err
		}
	}
	ref := u.newRef()
	p.put(u, ref, makeDict(pdfName("Type"), pdfName("DocTimeStamp"), pdfName("Filter"), pdfName("Adobe.PPKLite"), pdfName("SubFilter"), pdfName("ETSI.RFC3161")), r.opts.roomForToken)
	if err := p.place(r.doc, u, page, ref, nil, false); err != nil {
		return nil, err
	}
	p.close(u, r.opts.Now.UTC().Format(time.RFC3339Nano))
	digest := sha256.New()
	if err := copyRange(r.ctx, digest, r.src, 0, r.src.size); err != nil {
		return nil, err
	}
	digest.Write(p.tail[:p.gap[0]])
	digest.Write(p.tail[p.gap[1]:])
	token, err := askTokenFor(r.ctx, r.opts.Timestamp, digest.Sum(nil), crypto.SHA256)
	if err != nil {
		return nil, err
	}
	if err := p.embed(token); err != nil {
		return nil, err
	}
	at, err := tokenTime(token)
	if err != nil {
		return nil, err
	}
	w := newCounted(out)
	if err := copyRange(r.ctx, w, r.src, 0, r.src.size); err != nil {
		return nil, err
	}
	if _, err := w.Write(p.tail); err != nil {
		return nil, err
	}
	return w.raised(RaisedAppended, at), nil
}

// archive raises to AD-RC or AD-RA: the validation data of every signature and
// timestamp so far, and a document timestamp over it.
func (r *raising) archive(out io.Writer) (*Raised, error) {
	data := newAddition(r.doc)
	proven := r.opts.Now
	for i := len(r.found) - 1; i >= 0; i-- {
		c := r.found[i]
		if c.Kind == KindTimestamp {
			if at, err := tokenTime(c.contents); err == nil {
				proven = at
			}
		}
		if err := r.collect(data, c, proven); err != nil {
			return nil, err
		}
	}
	if len(data.items) == 0 && r.found[len(r.found)-1].Kind == KindTimestamp && r.opts.To == RaiseReferences {
		return nil, sei.Errorf(CodeNothingToRaise, "O PDF já traz os dados de validação e um carimbo do tempo.")
	}
	return r.append(out, data)
}

// collect gathers what one signature needs: its chain and that of its
// timestamp.
func (r *raising) collect(data *addition, c *candidate, at time.Time) error {
	entry := data.entry(c.contents)
	messages := []*signedMessage{c.cms}
	if raw, ok := c.cms.unsigned[oidTimeStamp.String()]; ok {
		stamp, err := parseCMS(raw.FullBytes)
		if err != nil {
			return sei.Wrap(err, CodeNotRaisable, "O carimbo do tempo de uma assinatura está ilegível.")
		}
		messages = append(messages, stamp)
		if t, err := tokenTime(raw.FullBytes); err == nil && t.Before(at) {
			at = t
		}
	}
	kept := r.doc.securityStore()
	for _, m := range messages {
		if m.cert == nil {
			return sei.Errorf(CodeNotRaisable, "O certificado de um carimbo do tempo não está nele.")
		}
		others := append(slices.Clip(m.certs), append(slices.Clip(c.cms.certs), kept.certs...)...)
		chain, crls, ocsps, err := r.opts.Validation.Prove(r.ctx, m.cert, others, at, append(slices.Clip(m.crls), kept.crls...), kept.ocsps)
		if err != nil {
			return err
		}
		for _, cert := range chain {
			entry.add("Cert", cert.Raw)
		}
		for _, der := range crls {
			entry.add("CRL", der)
		}
		for _, der := range ocsps {
			entry.add("OCSP", der)
		}
	}
	if r.opts.To != RaiseArchive {
		return nil
	}
	return r.collectPolicy(entry, c)
}

func (r *raising) collectPolicy(entry *vriEntry, c *candidate) error {
	raw, ok := c.cms.attr(oidSigPolicy)
	if !ok {
		return nil // no policy named: none to keep
	}
	oid, _, err := readPolicyID(raw)
	if err != nil {
		return sei.Wrap(err, CodeNotRaisable, "A política de uma assinatura está ilegível.")
	}
	a, err := r.opts.Artifacts(oid)
	if err != nil {
		return err
	}
	if !a.whole() {
		return sei.Errorf(CodeNotRaisable, "Faltam a política, a lista de políticas ou a assinatura da lista, que o arquivamento (AD-RA) exige.")
	}
	entry.add("PBAD_PolicyArtifact", a.Policy)
	entry.add("PBAD_LpaArtifact", a.List)
	entry.add("PBAD_LpaSignature", a.ListSignature)
	return nil
}

// addition is what goes into the document's security store on top of what it
// holds already.
type addition struct {
	doc   *document
	items map[string]pdfRef // by kind and hash; zero until written
	order []storeItem
	vri   []*vriEntry
}

type storeItem struct {
	kind, key string
	data      []byte
}

type vriEntry struct {
	to   *addition
	name string
	keys []storeItem
}

func newAddition(doc *document) *addition { return &addition{doc: doc, items: map[string]pdfRef{}} }

// entry is the VRI entry of the signature with these /Contents: its name is the
// SHA-1 of the whole string (ISO 32000-2, 12.8.4.4).
func (a *addition) entry(contents []byte) *vriEntry {
	sum := sha1.Sum(contents) //nolint:gosec // see the import
	e := &vriEntry{to: a, name: strings.ToUpper(hex.EncodeToString(sum[:]))}
	a.vri = append(a.vri, e)
	return e
}

// plural is the key of DSS that lists what a key of VRI names.
var plural = map[string]pdfName{
	"Cert": "Certs", "CRL": "CRLs", "OCSP": "OCSPs",
	"PBAD_PolicyArtifact": "PBAD_PolicyArtifacts", "PBAD_LpaArtifact": "PBAD_LpaArtifacts", "PBAD_LpaSignature": "PBAD_LpaSignatures",
}

func (e *vriEntry) add(kind string, data []byte) {
	sum := sha256.Sum256(data)
	item := storeItem{kind, kind + hex.EncodeToString(sum[:]), data}
	if _, known := e.to.items[item.key]; !known {
		e.to.items[item.key] = pdfRef{}
		e.to.order = append(e.to.order, item)
	}
	if !slices.ContainsFunc(e.keys, func(x storeItem) bool { return x.key == item.key }) {
		e.keys = append(e.keys, item)
	}
}

// put writes the store: new streams, and the dictionary with the old lists
// first and unchanged.
func (a *addition) put(u *update) error {
	_, cat, err := a.doc.root()
	if err != nil {
		return err
	}
	held := cat.get("DSS")
	dss, err := a.doc.dict(held)
	if err != nil {
		return err
	}
	if dss == nil {
		dss = makeDict(pdfName("Type"), pdfName("DSS"))
	}
	if dss, err = a.grow(u, dss); err != nil {
		return err
	}
	vri, err := a.doc.dict(dss.get("VRI"))
	if err != nil {
		return err
	}
	if vri == nil {
		vri = &pdfDict{}
	}
	for _, e := range a.vri {
		vri = vri.with(pdfName(e.name), e.dictionary())
	}
	dss = dss.with("VRI", vri)
	if ref, ok := held.(pdfRef); ok {
		u.put(ref, dss)
		return nil
	}
	ref := u.newRef()
	u.put(ref, dss)
	u.catalog = cat.with("DSS", ref)
	return nil
}

// grow writes the streams and lists them, using those that are there already.
func (a *addition) grow(u *update, dss *pdfDict) (*pdfDict, error) {
	lists := map[pdfName]pdfArray{}
	for _, key := range plural {
		list, err := a.doc.array(dss.get(key))
		if err != nil {
			return nil, err
		}
		lists[key] = slices.Clone(list)
	}
	if err := a.recognise(lists); err != nil {
		return nil, err
	}
	for _, item := range a.order {
		if a.items[item.key].num != 0 {
			continue
		}
		ref := u.newRef()
		u.putStream(ref, makeDict(pdfName("Filter"), pdfName("FlateDecode")), deflate(item.data))
		a.items[item.key] = ref
		lists[plural[item.kind]] = append(lists[plural[item.kind]], ref)
	}
	for _, kind := range []string{"Cert", "CRL", "OCSP", "PBAD_PolicyArtifact", "PBAD_LpaArtifact", "PBAD_LpaSignature"} {
		if list := lists[plural[kind]]; len(list) > 0 {
			dss = dss.with(plural[kind], list)
		}
	}
	return dss, nil
}

// recognise finds new items among the streams that the store holds.
func (a *addition) recognise(lists map[pdfName]pdfArray) error {
	for kind, key := range plural {
		for _, o := range lists[key][:min(len(lists[key]), maxStoreItems)] {
			ref, ok := o.(pdfRef)
			v, err := a.doc.resolve(o)
			if err != nil {
				return err
			}
			st, isStream := v.(*pdfStream)
			if !ok || !isStream {
				continue
			}
			data, err := a.doc.decode(st)
			if err != nil {
				continue // not ours to use
			}
			sum := sha256.Sum256(data)
			if at, wanted := a.items[kind+hex.EncodeToString(sum[:])]; wanted && at.num == 0 {
				a.items[kind+hex.EncodeToString(sum[:])] = ref
			}
		}
	}
	return nil
}

func (e *vriEntry) dictionary() *pdfDict {
	d := makeDict(pdfName("Type"), pdfName("VRI"))
	for _, item := range e.keys {
		list, _ := d.get(pdfName(item.kind)).(pdfArray)
		d = d.with(pdfName(item.kind), append(list, e.to.items[item.key]))
	}
	return d
}
