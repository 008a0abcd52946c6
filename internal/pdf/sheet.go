package pdf

import (
	"fmt"
	"strings"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// SignatureLevel is a signature's level under Lei 14.063/2020, art. 4º.
type SignatureLevel string

// The levels.
const (
	LevelSimple    SignatureLevel = "simples"     // login and password
	LevelAdvanced  SignatureLevel = "avançada"    // gov.br and the like
	LevelQualified SignatureLevel = "qualificada" // ICP-Brasil certificate
)

// Signature is one signature to be shown as a stamp (tarja).
type Signature struct {
	Name       string
	Position   string // cargo or função; may be empty
	Agency     string // órgão do assinante; may be empty
	At         time.Time
	Level      SignatureLevel
	LegalBasis string // completes "com fundamento no(a) …", article included: "no art. 6º, § 1º, do Decreto nº 8.539/2015"
	// CertificateSerial is printed for signatures made with a certificate.
	CertificateSerial string
	// ICP says that the certificate is of ICP-Brasil.
	ICP bool
	// Authenticates, when not empty, is what a copy was checked against
	// ("documento original"): the stamp then authenticates instead of signing.
	Authenticates string
	// Remark is a verdict to be shown with the stamp, for instance that the
	// signature could not be checked yet. Empty for a valid one.
	Remark string
}

// Sheet is the signature sheet that ends a reading copy.
type Sheet struct {
	Header       []string // as in Input
	Title        string
	SEINumber    string
	Process      string
	Signatures   []Signature
	Verification Verification
	// Notice is printed above the stamps when the reading copy has something
	// to say, for instance the number that a process got after the text was signed.
	Notice   string
	Training bool
	Date     time.Time
}

// typesetSheet sets the signature sheet alone.
func typesetSheet(sh Sheet) ([]byte, error) {
	if bad := sh.unsupported(); len(bad) > 0 {
		return nil, unsupportedError(bad)
	}
	about := documentChrome(Input{Title: sh.Title, SEINumber: sh.SEINumber, Process: sh.Process})
	s := newSetter(chrome{running: about.running, foot: "Folha de assinaturas  ·  " + about.foot, training: sh.Training, ownPages: true})
	s.frontMatter(Input{Header: sh.Header, Title: "Folha de assinaturas", SEINumber: sh.SEINumber, Process: sh.Process})
	whole := frame{width: bodyWidth}
	intro := look{size: 11, leading: textLeading, align: "justify"}
	plain, strong := ink{face: faceRegular, size: intro.size}, ink{face: faceBold, size: intro.size}
	s.flow(s.lines("P", []run{{text: "Esta folha acompanha a via de leitura do documento ", ink: plain}, {text: sh.Title, ink: strong},
		{text: ". Ela reúne as assinaturas do documento; os arquivos assinados são guardados sem alteração e podem ser obtidos na conferência.", ink: plain}}, intro, whole))
	if sh.Notice != "" {
		intro.before = 6
		s.flow(s.lines("P", []run{{text: sh.Notice, ink: plain}}, intro, whole))
	}
	s.flow([]atom{{height: 8}})
	for _, g := range sh.Signatures {
		s.flow([]atom{s.tarja(g.label(), g.runs())})
	}
	if len(sh.Signatures) == 0 {
		s.flow(s.lines("P", []run{{text: "Nenhuma assinatura registrada.", ink: plain}}, look{size: 11, leading: textLeading, before: 6}, whole))
	}
	if sh.Verification.Code != "" {
		s.flow([]atom{s.verificationTarja(sh.Verification)})
	}
	return s.finish(Metadata{Title: "Folha de assinaturas - " + sh.Title}, sh.Date)
}

func (sh Sheet) unsupported() []rune {
	texts := append([]string{sh.Title, sh.SEINumber, sh.Process, sh.Notice, sh.Verification.URL, sh.Verification.Code, sh.Verification.CRC}, sh.Header...)
	for _, g := range sh.Signatures {
		for _, r := range g.runs() {
			texts = append(texts, r.text)
		}
	}
	return unsupportedIn(strings.Join(texts, "\n"))
}

const tarjaText = 10.0

// label stands in the left column of a stamp.
func (g Signature) label() []string {
	switch {
	case g.Authenticates != "":
		return []string{"Autenticação", "eletrônica"}
	case g.Level == LevelQualified:
		return []string{"Assinatura", "eletrônica", "qualificada"}
	case g.Level == LevelAdvanced:
		return []string{"Assinatura", "eletrônica", "avançada"}
	}
	return []string{"Assinatura", "eletrônica", "simples"}
}

// runs is the stamp's sentence, in SEI's wording.
func (g Signature) runs() []run {
	plain, strong := ink{face: faceRegular, size: tarjaText}, ink{face: faceBold, size: tarjaText}
	verb := "assinado"
	if g.Authenticates != "" {
		verb = "autenticado"
	}
	out := []run{{text: "Documento " + verb + " eletronicamente ", ink: plain}}
	if g.ICP {
		out[0].text += "com o emprego de certificado digital emitido no âmbito da ICP-Brasil "
	}
	out = append(out, run{text: "por ", ink: plain}, run{text: g.Name, ink: strong})
	for _, part := range []string{g.Position, g.Agency} {
		if part != "" {
			out = append(out, run{text: ", ", ink: plain}, run{text: part, ink: strong})
		}
	}
	at := g.At.In(brasilia)
	text := fmt.Sprintf(", em %s, às %s, conforme horário oficial de Brasília", at.Format("02/01/2006"), at.Format("15:04"))
	if g.Authenticates != "" {
		text += ", a partir de " + g.Authenticates
	}
	if g.LegalBasis != "" {
		text += ", com fundamento " + g.LegalBasis
	}
	out = append(out, run{text: text + ".", ink: plain})
	if g.CertificateSerial != "" {
		out = append(out, run{text: "\nNº de série do certificado: " + g.CertificateSerial + ".", ink: plain})
	}
	if g.Remark != "" {
		out = append(out, run{text: "\n" + g.Remark, ink: ink{face: faceBold, size: tarjaText}})
	}
	return out
}

const (
	tarjaLabelWidth = 82.0
	tarjaPad        = 8.0
)

// tarja is a box with a label at the left and a sentence at the right.
func (s *setter) tarja(label []string, runs []run) atom {
	const leading = 1.3
	lines := s.canvas.wrap(runs, bodyWidth-tarjaLabelWidth-2*tarjaPad)
	height := max(float64(len(lines))*tarjaText*leading, float64(len(label))*12) + 2*tarjaPad
	elem := s.parent.child("P")
	return atom{height: height, before: 8, elem: elem, draw: func(c *canvas, x, y float64) {
		c.tag(artifact)
		tarjaBox(c, x, y, height)
		c.tag(elem)
		top := y + (height-float64(len(label))*12)/2
		for i, text := range label {
			c.SetTextColor(20, 60, 110)
			w := c.width(faceBold, 9.5, text)
			c.text(faceBold, 9.5, x+(tarjaLabelWidth-w)/2, top+9.5+float64(i)*12, text)
		}
		top = y + (height-float64(len(lines))*tarjaText*leading)/2
		for i, l := range lines {
			l.draw(c, x+tarjaLabelWidth+tarjaPad, top+float64(i)*tarjaText*leading+baseline(tarjaText, leading), 0)
		}
	}}
}

func tarjaBox(c *canvas, x, y, height float64) {
	c.SetFillColor(243, 246, 250)
	c.Rect(x, y, tarjaLabelWidth, height, "F")
	c.SetDrawColor(120, 135, 155)
	c.SetLineWidth(0.6)
	c.Rect(x, y, bodyWidth, height, "D")
}

// verificationTarja is the box with the QR code and how to check.
func (s *setter) verificationTarja(v Verification) atom {
	const leading, qrSide = 1.3, tarjaLabelWidth - 4
	lines := s.canvas.wrap(v.runs(tarjaText), bodyWidth-tarjaLabelWidth-2*tarjaPad)
	height := float64(len(lines))*tarjaText*leading + 2*tarjaPad
	if v.QRURL != "" {
		height = max(height, qrSide+4)
	}
	elem := s.parent.child("P")
	return atom{height: height, before: 8, elem: elem, draw: func(c *canvas, x, y float64) {
		c.tag(artifact)
		c.SetDrawColor(120, 135, 155)
		c.SetLineWidth(0.6)
		c.Rect(x, y, bodyWidth, height, "D")
		if v.QRURL != "" {
			if err := drawQR(c, v.QRURL, x+2, y+(height-qrSide)/2, qrSide); err != nil {
				c.SetError(err)
			}
		}
		c.tag(elem)
		top := y + (height-float64(len(lines))*tarjaText*leading)/2
		for i, l := range lines {
			l.draw(c, x+tarjaLabelWidth+tarjaPad, top+float64(i)*tarjaText*leading+baseline(tarjaText, leading), 0)
		}
	}}
}

// checkSheet bounds what the sheet may hold.
func checkSheet(sh Sheet) error {
	const most = 500
	if len(sh.Signatures) > most {
		return sei.Errorf(CodeTooLong, "O documento tem assinaturas demais para a folha de assinaturas (o limite é %d).", most)
	}
	return nil
}
