package central

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Results of a public verification.
const (
	ResultFound      = "found"
	ResultSuperseded = "superseded"
	ResultNotFound   = "not_found"
)

// Verification is what anybody who holds a verification pair learns. The fields
// of the document are there for public ones only.
type Verification struct {
	Result     string            `json:"result"`
	Training   bool              `json:"training"` // nothing here has legal value
	Code       string            `json:"code,omitempty"`
	CRC        string            `json:"crc,omitempty"`
	Document   *PublicDocument   `json:"document,omitempty"`
	Signatures []PublicSignature `json:"signatures,omitempty"`

	process  *sei.Process
	document *sei.Document
}

// PublicDocument describes a public document.
type PublicDocument struct {
	Process string    `json:"process"` // number
	Type    string    `json:"type"`
	Number  string    `json:"number,omitempty"`
	Unit    string    `json:"unit"`   // name of the generating unit
	Agency  string    `json:"agency"` // name of its agency
	AddedAt time.Time `json:"addedAt"`
	Pages   int       `json:"pages,omitempty"`
	SHA256  string    `json:"sha256"` // of the content before any signature
	// Files are what can be had beside the reading copy, exactly as signed.
	Files []PublicFile `json:"files"`
}

// PublicFile is the unsigned content or one of the signed copies.
type PublicFile struct {
	Label  string `json:"label"`
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"` // bytes
}

// publicFiles lists content and signed copies; siblings are all shown.
func publicFiles(d *sei.Document) []PublicFile {
	content, _ := d.Content()
	files := []PublicFile{{"Conteúdo como foi assinado", string(content.SHA256), content.Size}}
	for _, s := range d.Signatures {
		if s.Evidence != nil {
			files = append(files, PublicFile{"PDF com a assinatura de " + s.SignerName, string(s.Evidence.SHA256), s.Evidence.Size})
		}
		for _, r := range s.Raised {
			files = append(files, PublicFile{"PDF com a assinatura de " + s.SignerName + ", elevada para " + r.Level, string(r.Evidence.SHA256), r.Evidence.Size})
		}
	}
	return files
}

// PublicSignature is a signature as its stamp shows it.
type PublicSignature struct {
	Name       string    `json:"name"`
	Position   string    `json:"position"`
	Agency     string    `json:"agency"` // acronym of the signing agency
	Level      string    `json:"level"`
	LegalBasis string    `json:"legalBasis"`
	At         time.Time `json:"at"`
	Verdict    string    `json:"verdict"`
	Reasons    []string  `json:"reasons,omitempty"`
	Issuer     string    `json:"issuer,omitempty"` // of the certificate
	Serial     string    `json:"serial,omitempty"`
	// Record proves the act's place in the signed log; it is absent until the
	// next checkpoint, a few seconds after the act.
	Record *PublicRecord `json:"record,omitempty"`
}

// pair is what a visitor shows: código verificador and código CRC, or the token
// of a QR code, which stands for both.
type pair struct{ code, crc, token string }

// verify answers the public page. Wrong pairs are limited by the visitor's
// address: eight hexadecimal digits must not be guessed. Everything that may
// not be disclosed is answered like a pair that never existed.
func (s *Service) verify(ctx context.Context, address string, p pair) (Verification, error) {
	none := Verification{Result: ResultNotFound, Training: s.training}
	if err := s.checks.take(address); err != nil {
		return none, err
	}
	v := none
	err := s.store.viewing(ctx, func(r reader) error {
		doc, crc, err := findPair(r, p)
		if err != nil || doc == "" {
			return err
		}
		process, document, err := loadDocument(r, doc)
		if err != nil || document == nil {
			return err
		}
		cat, err := s.catalogueAt(r)
		if err != nil {
			return err
		}
		v = s.disclose(cat, process, document, crc)
		return proveSignatures(r, &v)
	})
	if err != nil {
		return none, fmt.Errorf("verifying a pair: %w", err)
	}
	if v.Result != ResultNotFound {
		s.checks.release(address)
		return v, nil
	}
	if err := s.commits.write(ctx, func(w *writer) error { return s.checks.keep(w, address) }); err != nil {
		return none, fmt.Errorf("recording a wrong pair: %w", err)
	}
	return v, nil
}

// findPair finds the document that a pair may belong to. Malformed codes are
// like unknown ones.
func findPair(r reader, p pair) (sei.DocumentID, string, error) {
	var id, crc string
	if p.token != "" {
		token, err := protocol.ParseQRToken(p.token)
		if err != nil {
			return "", "", nil
		}
		err = r.row("SELECT document_id, crc FROM qr_tokens WHERE token = ?", token).Scan(&id, &crc)
		_, err = noRows(err)
		return sei.DocumentID(id), crc, err
	}
	number, errNumber := protocol.ParseSEINumber(p.code)
	crc, errCRC := protocol.ParseCRC(p.crc)
	if errNumber != nil || errCRC != nil {
		return "", "", nil
	}
	err := r.row("SELECT id FROM documents WHERE sei_number = ?", number).Scan(&id)
	_, err = noRows(err)
	return sei.DocumentID(id), crc, err
}

// disclose shows as much as the rulebook allows.
func (s *Service) disclose(cat *catalogue, p *sei.Process, d *sei.Document, crc string) Verification {
	v := Verification{Result: ResultNotFound, Training: s.training}
	disclosure := sei.Discloses(p, d, crc)
	switch disclosure {
	case sei.DiscloseNothing:
		return v
	case sei.DiscloseSuperseded:
		v.Result = ResultSuperseded
		return v
	}
	v.Result, v.Code, v.CRC = ResultFound, protocol.FormatSEINumber(d.SEINumber), crc
	v.process, v.document = p, d
	for _, sig := range d.Signatures {
		v.Signatures = append(v.Signatures, publicSignature(cat, sig))
	}
	if disclosure == sei.DiscloseDocument {
		unit := cat.Units[d.GeneratingUnit]
		content, _ := d.Content()
		v.Document = &PublicDocument{
			Process: p.Number, Type: cat.DocumentTypes[d.Type].Name, Number: d.Number, Unit: unit.Name,
			Agency: cat.Agencies[unit.Agency].Name, AddedAt: d.AddedAt, SHA256: string(content.SHA256),
			Files: publicFiles(d),
		}
		if d.Frozen != nil {
			v.Document.Pages = d.Frozen.Pages
		}
	}
	return v
}

func publicSignature(cat *catalogue, s sei.Signature) PublicSignature {
	p := PublicSignature{
		Name: s.SignerName, Position: s.Position, Agency: cat.Agencies[s.SigningAgency].Acronym, Level: s.Level.Name(),
		LegalBasis: s.LegalBasis, At: s.At, Verdict: string(s.Verdict), Reasons: s.Reasons,
	}
	if s.Certificate != nil {
		p.Issuer, p.Serial = s.Certificate.Issuer, s.Certificate.Serial
	}
	return p
}

// matches says whether bytes with this hash are the signed document: its
// content, or one of its signed copies.
func (v Verification) matches(sha sei.SHA256) bool {
	for _, ref := range v.document.Blobs() {
		if ref.SHA256 == sha {
			return true
		}
	}
	return false
}

// openPublic opens a public document for a visitor and records that it left:
// from then on nobody can change it. The pair is judged again afterwards. With
// file it is that file exactly as it is stored, without it the reading copy.
func (s *Service) openPublic(ctx context.Context, address string, p pair, file sei.SHA256) (_ io.ReadSeekCloser, name string, err error) {
	v, err := s.verifyFile(ctx, address, p, file)
	if err != nil {
		return nil, "", err
	}
	if !v.document.Delivered {
		if err := s.recordDelivery(ctx, v.process.ID, v.document.ID, "", ""); err != nil {
			return nil, "", err
		}
		if v, err = s.verifyFile(ctx, address, p, file); err != nil {
			return nil, "", err
		}
	}
	if file == "" && s.cfg.Copier != nil {
		f, err := s.copyForReading(ctx, v.process, v.document)
		return f, v.fileName("via de leitura"), err
	}
	if file == "" {
		file = sei.SHA256(v.Document.SHA256)
	}
	f, err := s.cfg.Files.Open(ctx, file)
	if err != nil {
		return nil, "", fmt.Errorf("opening a public file: %w", err)
	}
	return f, v.fileName(""), nil
}

// fileName is for a public document.
func (v Verification) fileName(remark string) string {
	return pdfName(v.Document.Type, v.Document.Number, v.Code, remark)
}

// verifyFile finds a public document that has the file, if one is asked for.
func (s *Service) verifyFile(ctx context.Context, address string, p pair, file sei.SHA256) (Verification, error) {
	v, err := s.verify(ctx, address, p)
	if err == nil && (v.Document == nil || file != "" && !v.matches(file)) {
		err = errNoFile()
	}
	return v, err
}
