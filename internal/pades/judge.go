package pades

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// skew is how far a signer's clock may stand before the certificate's first
// moment without meaning anything.
const skew = 5 * time.Minute

// judgeChanges runs once over all bytes after the oldest signed revision and
// gives each signature what came after it.
func (v *verifier) judgeChanges() error {
	var updates []judgedUpdate
	var failed error
	scanned := false
	for _, c := range v.found {
		if !c.ranged {
			continue
		}
		if c.changed == nil && !c.CoversFile && !scanned {
			scanned = true
			updates, failed = v.doc.changesSince(v.ctx, c.SignedSize, c.k)
			if err := v.ctx.Err(); err != nil {
				return err
			}
		}
		v.applyChanges(c, updates, failed)
	}
	return nil
}

func (v *verifier) applyChanges(c *candidate, updates []judgedUpdate, failed error) {
	err := c.changed
	if err == nil && !c.CoversFile {
		err = failed
	}
	for _, u := range updates {
		if u.k >= c.k {
			continue
		}
		c.Changes = append(c.Changes, u.changes...)
		if err == nil {
			err = u.err
		}
	}
	if ce := (*changeError)(nil); errors.As(err, &ce) {
		c.add(VerdictInvalid, ReasonChanged, "O documento foi alterado depois desta assinatura: "+ce.what+".")
		return
	}
	if err != nil {
		c.add(VerdictIndeterminate, ReasonChanged, "Não foi possível conferir o que foi acrescentado depois desta assinatura.")
		return
	}
	if c.level == 1 {
		for _, ch := range c.Changes {
			if ch.Kind == "signature" {
				c.add(VerdictInvalid, ReasonCertification, "A certificação do documento não admite as assinaturas acrescentadas depois.")
				return
			}
		}
	}
}

// signature judges one signature or document timestamp. It returns the time of
// a document timestamp.
func (v *verifier) signature(c *candidate, proven time.Time) (time.Time, error) {
	m := c.cms
	if m == nil || c.digest == nil {
		return time.Time{}, nil
	}
	if m.cert == nil {
		c.add(VerdictIndeterminate, ReasonFormat, "O certificado de quem assinou não está na assinatura.")
		return time.Time{}, nil
	}
	c.describeCertificate(m.cert)
	c.Algorithm = m.describe()
	if c.Kind == KindTimestamp {
		return v.documentTimestamp(c)
	}
	switch c.SubFilter {
	case SubFilterETSI, SubFilterPBAD, SubFilterDetached, "adbe.pkcs7.detached":
	default:
		c.add(VerdictIndeterminate, ReasonUnsupported, "A assinatura é de um tipo antigo que este programa não verifica.")
		return time.Time{}, nil
	}
	if !c.checkIntegrity() {
		return time.Time{}, nil
	}
	c.checkStrength()
	c.checkReference()
	if t, ok := v.signatureTimestamp(c); ok && (proven.IsZero() || t.Before(proven)) {
		proven = t
	}
	c.ProvenTime = proven
	v.checkPolicy(c)
	return time.Time{}, v.checkCertificate(c, proven)
}

// checkIntegrity verifies digest and signature value; false ends the judgement.
func (c *candidate) checkIntegrity() bool {
	m := c.cms
	if m.content != nil || !m.contentType.Equal(oidData) {
		c.add(VerdictInvalid, ReasonFormat, "A assinatura traz outro conteúdo dentro de si.")
		return false
	}
	if m.rawAttrs != nil {
		ct, ok := m.attr(oidContentType)
		if !ok || !signedOID(ct).Equal(oidData) {
			c.add(VerdictInvalid, ReasonFormat, "A assinatura está ilegível ou fora do formato.")
			return false
		}
		if !m.digestMatches(c.digest) {
			c.add(VerdictInvalid, ReasonDigest, "O conteúdo assinado foi alterado depois da assinatura.")
			return false
		}
	}
	err := m.checkSignature(c.digest)
	switch {
	case errors.Is(err, errUnsupported):
		c.add(VerdictIndeterminate, ReasonUnsupported, "A assinatura usa um algoritmo que este programa não verifica.")
		return false
	case err != nil:
		c.add(VerdictInvalid, ReasonCrypto, "A assinatura não confere com o certificado: o arquivo foi alterado ou a assinatura é falsa.")
		return false
	}
	return true
}

func (c *candidate) checkStrength() {
	if h, _ := c.cms.hash(); h == crypto.SHA1 || weakKey(c.cms.cert.PublicKey) {
		c.add(VerdictIndeterminate, ReasonWeak, "A assinatura usa um algoritmo que já não é considerado seguro.")
	}
	if !CanSign(c.cms.cert) {
		c.add(VerdictIndeterminate, ReasonKeyUsage, "O certificado não foi emitido para assinar documentos.")
	}
}

var errNoReference = errors.New("no signing certificate reference")

// checkCertReference compares signingCertificateV2 with the certificate used
// (RFC 5035): without it the certificate could be swapped for another of the
// same key.
func (m *signedMessage) checkCertReference() error {
	v, ok := m.attr(oidSigningCertV2)
	if !ok {
		if v1, ok := m.attr(oidSigningCert); ok {
			return m.checkReferenceV1(v1)
		}
		return errNoReference
	}
	ess, err := firstESS(v)
	if err != nil {
		return err
	}
	var alg asn1.RawValue
	h := crypto.SHA256
	rest, err := asn1.Unmarshal(ess, &alg)
	if err != nil {
		return fmt.Errorf("reading signingCertificateV2: %w", err)
	}
	if alg.Tag == asn1.TagSequence {
		oid := asn1.ObjectIdentifier{}
		if _, err := asn1.Unmarshal(alg.Bytes, &oid); err != nil {
			return fmt.Errorf("reading signingCertificateV2: %w", err)
		}
		if h, err = hashFor(oid); err != nil {
			return err
		}
		ess = rest
	}
	return m.matchESS(ess, h)
}

func (m *signedMessage) checkReferenceV1(v asn1.RawValue) error {
	ess, err := firstESS(v)
	if err != nil {
		return err
	}
	return m.matchESS(ess, crypto.SHA1)
}

// firstESS opens SigningCertificate down to its first ESSCertID.
func firstESS(v asn1.RawValue) ([]byte, error) {
	var certs, first asn1.RawValue
	if _, err := asn1.Unmarshal(v.Bytes, &certs); err != nil {
		return nil, fmt.Errorf("reading signingCertificate: %w", err)
	}
	if _, err := asn1.Unmarshal(certs.Bytes, &first); err != nil {
		return nil, fmt.Errorf("reading signingCertificate: %w", err)
	}
	return first.Bytes, nil
}

func (m *signedMessage) matchESS(der []byte, h crypto.Hash) error {
	var sum []byte
	rest, err := asn1.Unmarshal(der, &sum)
	if err != nil {
		return fmt.Errorf("reading signingCertificate: %w", err)
	}
	w := h.New()
	w.Write(m.cert.Raw)
	if !bytes.Equal(sum, w.Sum(nil)) {
		return errors.New("signingCertificate is of another certificate")
	}
	if len(rest) == 0 {
		return nil
	}
	want := derSeq(derSeq(tlv(0xa4, m.cert.RawIssuer)), derInt(m.cert.SerialNumber))
	if !bytes.Equal(rest, want) {
		return errors.New("issuerSerial is of another certificate")
	}
	return nil
}

func (c *candidate) checkReference() {
	err := c.cms.checkCertReference()
	switch {
	case err == nil:
	case errors.Is(err, errNoReference):
		if c.SubFilter != "adbe.pkcs7.detached" {
			c.add(VerdictIndeterminate, ReasonCertReference, "A assinatura não diz com que certificado foi feita.")
		}
	case errors.Is(err, errUnsupported):
		c.add(VerdictIndeterminate, ReasonUnsupported, "A assinatura usa um algoritmo que este programa não verifica.")
	default:
		c.add(VerdictInvalid, ReasonCertReference, "A assinatura foi feita com outro certificado, não com o que ela traz.")
	}
}

// checkCertificate judges the certificate at the best time known: a proven
// one, else now, while the certificate lasts (EN 319 102-1, 5.2.6 and 5.6).
func (v *verifier) checkCertificate(c *candidate, proven time.Time) error {
	cert, at := c.cms.cert, v.opts.Now
	declared := c.DeclaredTime
	if proven.IsZero() {
		c.add(VerdictValid, ReasonNoTime, "A hora da assinatura é a declarada por quem assinou; não há carimbo do tempo.")
	} else {
		at = proven
	}
	day := func(t time.Time) string { return t.Local().Format("02/01/2006") }
	switch {
	case !declared.IsZero() && declared.After(cert.NotAfter):
		c.add(VerdictInvalid, ReasonExpired, fmt.Sprintf("O certificado já estava vencido (desde %s) quando a assinatura foi feita.", day(cert.NotAfter)))
		at = cert.NotAfter
	case !declared.IsZero() && declared.Add(skew).Before(cert.NotBefore), at.Add(skew).Before(cert.NotBefore):
		c.add(VerdictInvalid, ReasonNotYetValid, fmt.Sprintf("O certificado só passou a valer em %s, depois da assinatura.", day(cert.NotBefore)))
		at = cert.NotBefore
	case at.After(cert.NotAfter):
		c.add(VerdictIndeterminate, ReasonTimeUnproven, fmt.Sprintf("O certificado venceu em %s e não há prova de que a assinatura seja anterior.", day(cert.NotAfter)))
		at = cert.NotAfter
	case at.Before(cert.NotBefore):
		at = cert.NotBefore
	}
	return v.checkChain(c, at)
}

func (v *verifier) checkChain(c *candidate, at time.Time) error {
	if v.opts.Chains == nil {
		c.add(VerdictIndeterminate, CodeChainUnknown, chainUnknown)
		return nil
	}
	chain, anchor, err := v.opts.Chains.VerifyChain(v.ctx, c.cms.cert, v.others(c.cms), at)
	if cerr := v.ctx.Err(); cerr != nil {
		return cerr
	}
	if err != nil {
		c.chainReason(err)
		return nil
	}
	c.Anchor = anchor
	c.Level = levelOf(anchor)
	for _, x := range chain {
		c.Chain = append(c.Chain, x.Subject.CommonName)
	}
	if err := v.opts.Chains.CheckRevocation(v.ctx, chain, at, v.crls(c.cms), v.kept.ocsps); err != nil {
		c.chainReason(err)
	}
	return v.ctx.Err()
}

// others are the certificates that may help to build a chain.
func (v *verifier) others(m *signedMessage) []*x509.Certificate {
	return append(slices.Clip(m.certs), v.kept.certs...)
}

// crls are the lists that came with the file, in the store or in the CMS itself.
func (v *verifier) crls(m *signedMessage) [][]byte {
	return append(slices.Clip(m.crls), v.kept.crls...)
}

const chainUnknown = "Cadeia não reconhecida: o certificado não vem de uma autoridade em que este programa confia."

func levelOf(anchor string) Level {
	switch anchor {
	case AnchorICPBrasil:
		return LevelQualified
	case AnchorGovBR:
		return LevelAdvanced
	}
	return LevelUnknown
}

// chainReason weighs an error of the ChainVerifier.
func (c *candidate) chainReason(err error) {
	code, msg := sei.CodeOf(err), sei.MessageOf(err)
	switch code {
	case CodeChainRevoked:
		since, known := errors.AsType[interface {
			error
			RevokedAt() time.Time
		}](err)
		if known && c.ProvenTime.IsZero() && !c.DeclaredTime.IsZero() && c.DeclaredTime.Before(since.RevokedAt()) {
			c.add(VerdictIndeterminate, ReasonRevokedUnproven, msg+" Não há prova de que a assinatura seja anterior.")
			return
		}
		c.add(VerdictInvalid, ReasonRevoked, msg)
	case CodeChainNotChecked:
		c.add(VerdictValid, ReasonNotChecked, msg)
	case CodeChainUnknown:
		c.add(VerdictIndeterminate, code, chainUnknown)
	case sei.CodeInternal:
		c.add(VerdictIndeterminate, CodeChainUnknown, "Não foi possível conferir a cadeia do certificado.")
	default:
		c.add(VerdictIndeterminate, code, msg)
	}
}

func stampsTime(c *x509.Certificate) bool {
	for _, u := range c.ExtKeyUsage {
		if u == x509.ExtKeyUsageTimeStamping {
			return true
		}
	}
	return false
}

// signatureTimestamp judges the timestamp over the signature value, if there
// is one (AD-RT). Only a good one from a known authority proves the time.
func (v *verifier) signatureTimestamp(c *candidate) (time.Time, bool) {
	raw, ok := c.cms.unsigned[oidTimeStamp.String()]
	if !ok {
		return time.Time{}, false
	}
	bad := func() (time.Time, bool) {
		c.add(VerdictIndeterminate, ReasonTimestamp, "O carimbo do tempo desta assinatura não é válido.")
		return time.Time{}, false
	}
	m, err := parseCMS(raw.FullBytes)
	if err != nil {
		return bad()
	}
	info, err := parseTSTInfo(m)
	if err != nil {
		return bad()
	}
	h, err := hashFor(info.Imprint.Alg.Algorithm)
	if err != nil {
		return bad()
	}
	w := h.New()
	w.Write(c.cms.signature)
	at, err := readToken(m, w.Sum(nil), h)
	if err != nil {
		return bad()
	}
	if v.opts.Chains == nil {
		return time.Time{}, false
	}
	chain, _, err := v.opts.Chains.VerifyChain(v.ctx, m.cert, append(v.others(m), c.cms.certs...), at)
	if err == nil {
		err = v.opts.Chains.CheckRevocation(v.ctx, chain, at, v.crls(m), v.kept.ocsps)
	}
	if err != nil && sei.CodeOf(err) != CodeChainNotChecked {
		c.add(VerdictValid, ReasonTimestamp, "O carimbo do tempo não vem de uma autoridade reconhecida e não prova a hora.")
		return time.Time{}, false
	}
	return at, true
}

// documentTimestamp judges a signature of kind DocTimeStamp (EN 319 142-1, 5.4.3).
func (v *verifier) documentTimestamp(c *candidate) (time.Time, error) {
	h, err := c.imprintHash()
	at := time.Time{}
	if err == nil {
		at, err = readToken(c.cms, c.digest, h)
	}
	if err != nil {
		c.add(VerdictInvalid, ReasonTimestamp, "O carimbo do tempo do documento não é válido.")
		return time.Time{}, nil
	}
	c.ProvenTime, c.DeclaredTime = at, at
	c.checkStrengthOfStamp()
	return at, v.checkChain(c, at)
}

// imprintHash is the digest that a document timestamp covers the file with.
func (c *candidate) imprintHash() (crypto.Hash, error) {
	info, err := parseTSTInfo(c.cms)
	if err != nil {
		return 0, err
	}
	return hashFor(info.Imprint.Alg.Algorithm)
}

func (c *candidate) checkStrengthOfStamp() {
	if h, _ := c.cms.hash(); h == crypto.SHA1 || weakKey(c.cms.cert.PublicKey) {
		c.add(VerdictIndeterminate, ReasonWeak, "O carimbo do tempo usa um algoritmo que já não é considerado seguro.")
	}
	c.Level = LevelUnknown
}

// checkPolicy judges the policy that the signature names (DOC-ICP-15.03).
func (v *verifier) checkPolicy(c *candidate) {
	raw, ok := c.cms.attr(oidSigPolicy)
	if !ok {
		return
	}
	oid, sum, err := readPolicyID(raw)
	if err != nil {
		c.add(VerdictInvalid, ReasonFormat, "A política de assinatura está ilegível.")
		return
	}
	c.PolicyOID = oid
	p, ok := PolicyByOID(oid)
	if !ok {
		c.add(VerdictIndeterminate, ReasonPolicyUnknown, "A assinatura segue uma política que este programa não conhece.")
		return
	}
	c.PolicyName = p.Name
	if (p.Form == FormCAdES) != (c.SubFilter == SubFilterDetached) {
		c.add(VerdictInvalid, ReasonPolicyAttribute, fmt.Sprintf("A política %s não é para este tipo de assinatura.", p.Name))
	}
	if !bytes.Equal(sum, p.Hash) {
		c.add(VerdictInvalid, ReasonPolicyHash, fmt.Sprintf("A assinatura diz seguir a política %s, mas o resumo da política não confere.", p.Name))
	}
	at := c.ProvenTime
	if at.IsZero() {
		at = c.DeclaredTime
	}
	if at.IsZero() {
		at = v.opts.Now
	}
	if !p.InForce(at) {
		c.add(VerdictInvalid, ReasonPolicyPeriod, fmt.Sprintf("A política %s não estava em vigor quando a assinatura foi feita.", p.Name))
	}
	if h, _ := c.cms.hash(); p.Allows(c.cms.cert.PublicKey, h) != nil {
		c.add(VerdictInvalid, ReasonPolicyAlgorithm, fmt.Sprintf("A política %s não aceita o algoritmo desta assinatura.", p.Name))
	}
	c.checkPolicyAttributes(p)
	v.checkPolicyStore(c, p)
}

// checkPolicyStore asks for what AD-RC and AD-RA want around the signature:
// validation data, a document timestamp over it and, for AD-RA, the policy with
// its signed list. Until that is there the signature is not what it says.
func (v *verifier) checkPolicyStore(c *candidate, p Policy) {
	if p.Form == FormCAdES || p.Level != "AD-RC" && p.Level != "AD-RA" {
		return
	}
	stamped := false
	for _, other := range v.found {
		stamped = stamped || other.Kind == KindTimestamp && other.SignedSize > c.SignedSize
	}
	whole := stamped && len(v.kept.certs) > 0 && len(v.kept.crls)+len(v.kept.ocsps) > 0
	if !whole || p.Level == "AD-RA" && !v.kept.policies {
		c.add(VerdictIndeterminate, ReasonPolicyAttribute, fmt.Sprintf("Faltam ao documento os dados de validação e o carimbo que a política %s exige.", p.Name))
	}
}

func readPolicyID(v asn1.RawValue) (string, []byte, error) {
	var id struct {
		ID   asn1.ObjectIdentifier
		Hash struct {
			Alg asn1.RawValue
			Sum []byte
		}
		Qualifiers asn1.RawValue `asn1:"optional"`
	}
	if _, err := asn1.Unmarshal(v.FullBytes, &id); err != nil {
		return "", nil, fmt.Errorf("reading the policy: %w", err)
	}
	return id.ID.String(), id.Hash.Sum, nil
}

// checkPolicyAttributes refuses what the policies of PAdES forbid and asks for
// what they require.
func (c *candidate) checkPolicyAttributes(p Policy) {
	forbidden := []asn1.ObjectIdentifier{oidSigningTime, oidSignerLoc, oidAdobeRevInfo, oidSigningCert}
	if p.Form == FormCAdES {
		forbidden = nil // DOC-ICP-15.03 forbids them in PDF only
	}
	for _, oid := range forbidden {
		if _, ok := c.cms.attr(oid); ok {
			c.add(VerdictInvalid, ReasonPolicyAttribute, fmt.Sprintf("A assinatura traz um atributo (%s) que a política %s proíbe.", oid, p.Name))
		}
	}
	if _, ok := c.cms.attr(oidSigningCertV2); !ok {
		c.add(VerdictInvalid, ReasonPolicyAttribute, fmt.Sprintf("Falta à assinatura um atributo que a política %s exige.", p.Name))
	}
	if _, ok := c.cms.unsigned[oidTimeStamp.String()]; !ok && p.Level != "AD-RB" {
		c.add(VerdictInvalid, ReasonPolicyAttribute, fmt.Sprintf("Falta à assinatura o carimbo do tempo que a política %s exige.", p.Name))
	}
}
