package pades

import (
	"context"
	"crypto"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/hex"
	"hash"
	"slices"
)

// digestAll computes, for every sound candidate, the digest that its CMS
// names over its ByteRange, and the SHA-256 of its revision. Signatures of one
// file share their beginnings, so each algorithm runs once over the file and
// its state is copied where a signature's own hole begins.
func digestAll(ctx context.Context, src *source, found []*candidate) error {
	byHash := map[crypto.Hash][]*candidate{}
	var sound []*candidate
	for _, c := range found {
		if !c.ranged {
			continue
		}
		sound = append(sound, c)
		if h, ok := c.openCMS(); ok {
			byHash[h] = append(byHash[h], c)
		}
	}
	for h, list := range byHash {
		if err := digestRanges(ctx, src, h, list); err != nil {
			return err
		}
	}
	return digestRevisions(ctx, src, sound)
}

// openCMS parses the CMS and returns the digest to compute over the file.
func (c *candidate) openCMS() (crypto.Hash, bool) {
	m, err := parseCMS(c.contents)
	if err != nil {
		c.add(VerdictInvalid, ReasonFormat, "A assinatura está ilegível ou fora do formato.")
		return 0, false
	}
	c.cms = m
	h, err := m.hash()
	if c.Kind == KindTimestamp {
		var info *tstInfo
		if info, err = parseTSTInfo(m); err == nil {
			h, err = hashFor(info.Imprint.Alg.Algorithm)
		}
	}
	if err != nil {
		c.add(VerdictIndeterminate, ReasonUnsupported, "A assinatura usa um algoritmo que este programa não verifica.")
		return 0, false
	}
	return h, true
}

// cloned copies the state of a digest; every digest of the standard library
// can.
func cloned(h hash.Hash) (hash.Hash, error) { return h.(hash.Cloner).Clone() }

func digestRanges(ctx context.Context, src *source, h crypto.Hash, list []*candidate) error {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b *candidate) int { return int(min(1, max(-1, a.ByteRange[1]-b.ByteRange[1]))) })
	running, pos := h.New(), int64(0)
	for _, c := range list {
		if err := copyRange(ctx, running, src, pos, c.ByteRange[1]-pos); err != nil {
			return err
		}
		pos = c.ByteRange[1]
		own, err := cloned(running)
		if err != nil {
			return err
		}
		if err := copyRange(ctx, own, src, c.ByteRange[2], c.ByteRange[3]); err != nil {
			return err
		}
		c.digest = own.Sum(nil)
	}
	return nil
}

func digestRevisions(ctx context.Context, src *source, list []*candidate) error {
	running, pos := sha256.New(), int64(0)
	for _, c := range list { // by SignedSize already
		if err := copyRange(ctx, running, src, pos, c.SignedSize-pos); err != nil {
			return err
		}
		pos = c.SignedSize
		c.RevisionSHA256 = hex.EncodeToString(running.Sum(nil))
	}
	return nil
}

// signedOID reads an attribute that is an object identifier.
func signedOID(v asn1.RawValue) asn1.ObjectIdentifier {
	var oid asn1.ObjectIdentifier
	if _, err := asn1.Unmarshal(v.FullBytes, &oid); err != nil {
		return nil
	}
	return oid
}
