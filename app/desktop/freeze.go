package desktop

import (
	"crypto/rand"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/pdf"
	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
	"github.com/sei-rs/sei-rs-desktop/internal/richtext"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// blankMessage refuses to sign a page without a word.
const blankMessage = "O documento está em branco. Escreva o texto antes de assinar."

// typesetterVersion is written into every freezing, so that a later release
// knows which one made the bytes.
const typesetterVersion = "seirs-pdf/2"

// letter is all that decides how a minute looks on paper.
type letter struct {
	process   *sei.Process
	document  *sei.Document
	agency    sei.Agency
	unit      sei.Unit
	cat       sei.Catalogue
	images    func(sha256 string) ([]byte, error)
	publicURL string
	training  bool
	date      time.Time // legal zone
}

// typeset sets the text. Without a pair it is a preview: the footer says so by
// having none.
func (l letter) typeset(body *richtext.Doc, pair *sei.Frozen) (*pdf.Result, error) {
	return l.set(l.input(body, pair, l.fields()))
}

func (l letter) input(body *richtext.Doc, pair *sei.Frozen, fields map[string]string) pdf.Input {
	in := pdf.Input{
		Header:    []string{"ESTADO DO RIO GRANDE DO SUL", strings.ToUpper(l.agency.Name), l.unit.Name},
		Title:     documentTitle(l.document, l.cat),
		SEINumber: seiNumber(l.document.SEINumber),
		Process:   pdf.ToBeFiled,
		Body:      body,
		Images:    l.images,
		Fields:    fields,
		Training:  l.training,
		Date:      l.date,
		Metadata:  pdf.Metadata{Subject: l.document.Description},
	}
	if l.process.Number != "" {
		in.Process = l.process.Number
	}
	if pair != nil {
		in.Verification = pdf.Verification{
			URL: l.publicURL, Code: seiNumber(l.document.SEINumber), CRC: pair.CRC, QRURL: qrURL(l.publicURL, pair.QRToken),
		}
	}
	return in
}

func (l letter) set(in pdf.Input) (*pdf.Result, error) {
	out, err := pdf.Typeset(in)
	if err != nil {
		return nil, fmt.Errorf("typesetting document %s: %w", l.document.ID, err)
	}
	return out, nil
}

// qrURL is what the QR code carries: the public page's host with the random token.
func qrURL(public, token string) string {
	u, err := url.Parse(public)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host + "/q/" + token
}

// fields are the values known now; one without a value stops the signing.
func (l letter) fields() map[string]string {
	f := map[string]string{
		"tipo_documento": l.typeName(), "unidade": l.unit.Name, "sigla_unidade": l.unit.Acronym,
		"orgao": l.agency.Name, "sigla_orgao": l.agency.Acronym, "cidade": l.unit.City,
		"data": l.date.Format("02/01/2006"), "data_extenso": dateInWords(l.date),
		"especificacao": l.process.Specification, "processo": l.process.Number,
		"documento": seiNumber(l.document.SEINumber), "numero_documento": l.document.Number,
		"interessados": names(l.process.Interested), "destinatarios": names(l.document.Recipients),
		"dia": fmt.Sprint(l.date.Day()), "mes_extenso": months[l.date.Month()-1], "ano": fmt.Sprint(l.date.Year()),
		"descricao": l.document.Description, "assuntos": l.subjects(), "hierarquia_unidade": l.hierarchy(),
	}
	if len(l.document.Recipients) == 1 {
		to := l.document.Recipients[0]
		f["destinatario_nome"], f["destinatario_cargo"] = to.Name, to.Position
		f["destinatario_tratamento"], f["destinatario_vocativo"] = to.Treatment, to.Vocative
	}
	if t, ok := l.cat.ProcessType(l.process.Type); ok {
		f["tipo_processo"] = t.Name
	}
	for name, value := range f {
		if value == "" {
			delete(f, name)
		}
	}
	return f
}

// subjects names the process's subjects.
func (l letter) subjects() string {
	var out []string
	for _, code := range l.process.Subjects {
		if s, ok := l.cat.Subject(code); ok {
			out = append(out, s.Name)
		}
	}
	return strings.Join(out, "; ")
}

// maxHierarchy bounds a chain of units, which a faulty catalogue could close into a ring.
const maxHierarchy = 20

// hierarchy is the unit's acronym and those of the units above it.
func (l letter) hierarchy() string {
	out := []string{l.unit.Acronym}
	for u := l.unit; u.Parent != "" && len(out) < maxHierarchy; {
		up, ok := l.cat.Unit(u.Parent)
		if !ok {
			break
		}
		u = up
		out = append(out, u.Acronym)
	}
	return strings.Join(out, " - ")
}

func (l letter) typeName() string {
	t, _ := l.cat.DocumentType(l.document.Type)
	return t.Name
}

func names(cs []sei.Contact) string {
	out := make([]string, len(cs))
	for i, c := range cs {
		out[i] = c.Name
	}
	return strings.Join(out, ", ")
}

// freeze draws the random parts of a verification pair, typesets the text with
// it, and describes the result. Every freezing has a new pair.
func (l letter) freeze(revision sei.RevisionID, body *richtext.Doc) (sei.Frozen, *pdf.Result, error) {
	salt, err := protocol.NewSalt(rand.Reader)
	if err != nil {
		return sei.Frozen{}, nil, fmt.Errorf("freezing: %w", err)
	}
	token, err := protocol.NewQRToken(rand.Reader)
	if err != nil {
		return sei.Frozen{}, nil, fmt.Errorf("freezing: %w", err)
	}
	hash := body.Hash()
	f := sei.Frozen{
		Revision: revision, RevisionHash: hexHash(hash), Salt: salt, CRC: protocol.CRC(hash, salt), QRToken: token,
		Typesetter: typesetterVersion,
	}
	out, err := l.typeset(body, &f)
	if err != nil {
		return sei.Frozen{}, nil, err
	}
	f.Pages = out.Pages
	f.Content = sei.BlobRef{SHA256: hexHash(out.SHA256), Size: int64(len(out.PDF)), MIME: "application/pdf", Name: fileName(l.document, l.cat)}
	return f, out, nil
}

// fileName is a name for saving: "Despacho_0000123.pdf".
func fileName(d *sei.Document, c sei.Catalogue) string {
	base := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>| `, r) || r < ' ' {
			return '_'
		}
		return r
	}, documentTitle(d, c))
	if d.SEINumber != 0 {
		base += "_" + seiNumber(d.SEINumber)
	}
	return base + ".pdf"
}

// readAllLimited reads at most limit bytes and refuses more.
func readAllLimited(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, sei.Errorf(sei.CodeTooLarge, "O arquivo passa do limite de %d MB.", limit>>20)
	}
	return data, nil
}
