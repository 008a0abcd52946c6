package pades

import (
	"crypto/sha256"
	"crypto/x509"
)

// validationData is what a document's security store holds (EN 319 142-1, 5.4.2).
type validationData struct {
	certs       []*x509.Certificate
	crls, ocsps [][]byte
	policies    bool // the lists that AD-RA asks for are there
}

const (
	maxStoreItems = 512      // pieces of validation data read from one file
	maxStoreBytes = 64 << 20 // all of them together
)

// securityStore reads the store of the newest revision. What cannot be read is
// left out: it only ever helps, and each piece is signed by whoever made it.
func (d *document) securityStore() validationData {
	r := storeReader{doc: d, seen: map[[32]byte]bool{}}
	_, cat, err := d.root()
	if err != nil {
		return r.out
	}
	dss, err := d.dict(cat.get("DSS"))
	if err != nil || dss == nil {
		return r.out
	}
	r.list(dss.get("Certs"), r.cert)
	r.list(dss.get("CRLs"), r.crl)
	r.list(dss.get("OCSPs"), r.ocsp)
	r.out.policies = dss.has("PBAD_PolicyArtifacts") && dss.has("PBAD_LpaArtifacts") && dss.has("PBAD_LpaSignatures")
	vri, err := d.dict(dss.get("VRI"))
	if err != nil || vri == nil {
		return r.out
	}
	for _, e := range vri.entries[:min(len(vri.entries), maxSignatures)] {
		item, err := d.dict(e.val)
		if err != nil || item == nil {
			continue
		}
		r.list(item.get("Cert"), r.cert)
		r.list(item.get("CRL"), r.crl)
		r.list(item.get("OCSP"), r.ocsp)
	}
	return r.out
}

type storeReader struct {
	doc   *document
	seen  map[[32]byte]bool
	read  map[pdfRef]bool
	bytes int
	out   validationData
}

func (r *storeReader) list(o object, keep func([]byte)) {
	list, err := r.doc.array(o)
	if err != nil {
		return
	}
	if r.read == nil {
		r.read = map[pdfRef]bool{}
	}
	for _, item := range list {
		ref, ok := item.(pdfRef)
		if !ok || r.read[ref] || len(r.read) >= maxStoreItems || r.bytes > maxStoreBytes {
			continue
		}
		r.read[ref] = true
		v, err := r.doc.resolve(ref)
		st, ok := v.(*pdfStream)
		if err != nil || !ok {
			continue
		}
		data, err := r.doc.decode(st)
		if err != nil {
			continue
		}
		r.bytes += len(data)
		if sum := sha256.Sum256(data); !r.seen[sum] {
			r.seen[sum] = true
			keep(data)
		}
	}
}

func (r *storeReader) cert(der []byte) {
	if c, err := x509.ParseCertificate(der); err == nil {
		r.out.certs = append(r.out.certs, c)
	}
}

func (r *storeReader) crl(der []byte)  { r.out.crls = append(r.out.crls, der) }
func (r *storeReader) ocsp(der []byte) { r.out.ocsps = append(r.out.ocsps, der) }
