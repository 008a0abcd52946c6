// Package richtext owns the text of an internal document: a tree in the JSON
// form of TipTap/ProseMirror with a closed schema. Whatever is not in the
// schema is refused and named, because the tree is what a revision's hash
// identifies and what the PDF is typeset from: nothing may pass that the
// typesetter would drop in silence.
//
// A tree enters through Parse, which validates and puts it in its one
// canonical shape (adjacent runs of equal marks joined, marks ordered,
// defaults filled in). Canonical writes that shape; its SHA-256 identifies a
// revision.
package richtext

import (
	"crypto/sha256"
	"slices"
	"strings"
	"unicode"
)

// Schema is the version of the document tree that this package writes. A tree
// keeps the version that it was written in (Doc.Schema), so that its canonical
// form, and with it the hash of an old revision, never changes; the editor
// writes a text anew in today's version when it is next changed. Version 2
// added what is listed in since.go; whatever version 1 has means the same in 2.
const (
	Schema       = 2
	OldestSchema = 1
)

// Limits on one document. They bound the work of every reader of a tree and
// stand far above what people write by hand.
const (
	MaxBytes   = 8 << 20 // of JSON
	MaxText    = 4 << 20 // bytes of text, all runs together
	MaxNodes   = 60_000
	MaxDepth   = 40 // nested nodes, the document itself counting as one
	MaxNotes   = 2000
	MaxSEIText = 60                 // bytes of the number shown by a link to a process or document
	MaxCents   = 99_999_999_999_999 // of an amount
	MaxCells   = 20_000
	MaxColumns = 40
	MaxImages  = 200
	MaxAlt     = 500  // bytes of an image's description
	MaxHref    = 2048 // bytes of a link's address
)

// Type names a node of the tree, as it is written in the JSON form.
type Type string

// The nodes of the schema.
const (
	Paragraph      Type = "paragraph"
	Heading        Type = "heading"
	BulletList     Type = "bulletList"
	OrderedList    Type = "orderedList"
	ListItem       Type = "listItem"
	Table          Type = "table"
	TableRow       Type = "tableRow"
	TableHeader    Type = "tableHeader"
	TableCell      Type = "tableCell"
	Image          Type = "image"
	Blockquote     Type = "blockquote"
	PageBreak      Type = "pageBreak"
	HorizontalRule Type = "horizontalRule"
	Text           Type = "text"
	HardBreak      Type = "hardBreak"
	Field          Type = "field"
	// Since version 2.
	Footnote        Type = "footnote"        // a note at the foot of the page, its text inside
	CrossReference  Type = "crossReference"  // names another part of the text by its number, heading or page
	ProtocolLink    Type = "protocolLink"    // a process or document of SEI, shown by its number
	Amount          Type = "amount"          // a sum in reais, written in figures and in full
	TableOfContents Type = "tableOfContents" // sumário, made of the headings
	Section         Type = "section"         // a part that a template gives; a locked one is not edited
)

// Style is one of SEI's named paragraph styles.
type Style string

// The named styles. Those that number count through the whole document, as in
// SEI.
const (
	Justified             Style = "Texto_Justificado"
	JustifiedIndent       Style = "Texto_Justificado_Recuo_Primeira_Linha"
	JustifiedUpper        Style = "Texto_Justificado_Maiusculas"
	AlignedLeft           Style = "Texto_Alinhado_Esquerda"
	AlignedLeftSingle     Style = "Texto_Alinhado_Esquerda_Espacamento_Simples"
	AlignedRight          Style = "Texto_Alinhado_Direita"
	Centered              Style = "Texto_Centralizado"
	CenteredUpper         Style = "Texto_Centralizado_Maiusculas"
	CenteredUpperBold     Style = "Texto_Centralizado_Maiusculas_Negrito"
	Quotation             Style = "Citacao"
	Summary               Style = "Texto_Ementa"
	SignatureStyle        Style = "Assinatura"
	TableTextLeft         Style = "Tabela_Texto_Alinhado_Esquerda"
	TableTextCentered     Style = "Tabela_Texto_Centralizado"
	TableTextRight        Style = "Tabela_Texto_Alinhado_Direita"
	NumberedParagraph1    Style = "Paragrafo_Numerado_Nivel1"
	NumberedParagraph2    Style = "Paragrafo_Numerado_Nivel2"
	NumberedParagraph3    Style = "Paragrafo_Numerado_Nivel3"
	NumberedParagraph4    Style = "Paragrafo_Numerado_Nivel4"
	NumberedItemLetter    Style = "Item_Alinea_Letra"
	NumberedItemRoman     Style = "Item_Inciso_Romano"
	DefaultParagraphStyle       = Justified

	// The parts of a normative act (Lei Complementar 95/1998, art. 10), since
	// version 2. They number themselves; see Labels.
	NormTitle     Style = "Norma_Titulo"
	NormChapter   Style = "Norma_Capitulo"
	NormSection   Style = "Norma_Secao"
	NormArticle   Style = "Norma_Artigo"
	NormParagraph Style = "Norma_Paragrafo"
	NormInciso    Style = "Norma_Inciso"
	NormAlinea    Style = "Norma_Alinea"
	NormItem      Style = "Norma_Item"
)

// Styles lists every named style, in the order in which a menu shows them.
func Styles() []Style { return slices.Clone(styles) }

var styles = []Style{
	Justified, JustifiedIndent, JustifiedUpper,
	AlignedLeft, AlignedLeftSingle, AlignedRight,
	Centered, CenteredUpper, CenteredUpperBold,
	Quotation, Summary, SignatureStyle,
	TableTextLeft, TableTextCentered, TableTextRight,
	NumberedParagraph1, NumberedParagraph2, NumberedParagraph3, NumberedParagraph4,
	NumberedItemLetter, NumberedItemRoman,
	NormTitle, NormChapter, NormSection, NormArticle, NormParagraph, NormInciso, NormAlinea, NormItem,
}

// Align is a paragraph's own alignment; the empty one leaves it to the style.
type Align string

// The alignments.
const (
	AlignNone    Align = ""
	AlignLeft    Align = "left"
	AlignCenter  Align = "center"
	AlignRight   Align = "right"
	AlignJustify Align = "justify"
)

// MarkType names what is applied to a run of text.
type MarkType string

// The marks, in canonical order.
const (
	Bold        MarkType = "bold"
	Italic      MarkType = "italic"
	Underline   MarkType = "underline"
	Strike      MarkType = "strike"
	Subscript   MarkType = "subscript"
	Superscript MarkType = "superscript"
	Link        MarkType = "link"
)

var markOrder = []MarkType{Bold, Italic, Underline, Strike, Subscript, Superscript, Link}

// Mark is one mark on a run of text. Href is set on links only.
type Mark struct {
	Type MarkType
	Href string
}

// Node is one node of the tree. Only the fields that its Type uses are set.
type Node struct {
	Type    Type
	Content []*Node

	Style Style  // paragraph
	Align Align  // paragraph, heading, image
	Level int    // heading: 1 to 3
	ID    string // paragraph, heading: what a cross-reference names it by; empty for most

	Start     int    // orderedList: the first number, 1 by default
	Numbering string // orderedList: "1" (default), "a", "A", "i" or "I"

	ColSpan, RowSpan int   // cells: at least 1
	ColWidth         []int // cells: pixels (1/96 inch) of each spanned column; nil when automatic

	Blob  string // image: SHA-256 of the picture's bytes, 64 hexadecimal digits
	Alt   string // image: what it shows, for who cannot see it
	Width string // image: "" (its own size), "80mm" or "50%" of the text's width

	Name string // field; section: its name in the template

	Target string // crossReference: the ID it names; protocolLink: the id of the process or document
	Form   string // crossReference: RefNumber, RefText or RefPage; protocolLink: LinkProcess or LinkDocument
	Label  string // protocolLink: the number as it is shown

	Cents int64 // amount: in hundredths of a real, not negative
	Words bool  // amount: written in full behind the figures

	Locked bool // section: given by the template and not edited

	Text  string // text
	Marks []Mark // text and what stands in its place: field, crossReference, protocolLink, amount
}

// What a cross-reference shows of the place it names.
const (
	RefNumber = "number" // "art. 5º, § 1º", "2.1", "nota 3"
	RefText   = "text"   // the heading's words
	RefPage   = "page"   // the number of the page
)

// What a protocol link leads to.
const (
	LinkProcess  = "process"
	LinkDocument = "document"
)

// Has says whether the run carries the mark.
func (n *Node) Has(m MarkType) bool {
	return slices.ContainsFunc(n.Marks, func(k Mark) bool { return k.Type == m })
}

// Href returns the address that the run links to, "" for none.
func (n *Node) Href() string {
	for _, m := range n.Marks {
		if m.Type == Link {
			return m.Href
		}
	}
	return ""
}

// Doc is a document's tree. Make one with Parse, Empty or FromText.
type Doc struct {
	// Schema is the version that the tree was written in; 0 counts as today's.
	Schema  int
	Content []*Node
}

// Version is the version that the tree is written in.
func (d *Doc) Version() int {
	if d.Schema == 0 {
		return Schema
	}
	return d.Schema
}

// Empty returns a document of one empty paragraph, what the editor starts on.
func Empty() *Doc {
	return &Doc{Schema: Schema, Content: []*Node{{Type: Paragraph, Style: DefaultParagraphStyle}}}
}

// FromText returns a document with one paragraph for each line of text.
// Characters that no document may hold (controls) are left out.
func FromText(text string) *Doc {
	text = strings.ToValidUTF8(text, "\uFFFD")
	text = strings.ReplaceAll(text, "\r\n", "\n")
	d := &Doc{Schema: Schema}
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.Map(func(r rune) rune {
			if forbidden(r) {
				return -1
			}
			return r
		}, line)
		p := &Node{Type: Paragraph, Style: DefaultParagraphStyle}
		if line != "" {
			p.Content = []*Node{{Type: Text, Text: line}}
		}
		d.Content = append(d.Content, p)
	}
	return d
}

// Hash returns the SHA-256 of the canonical form, the identity of a revision.
func (d *Doc) Hash() [32]byte { return sha256.Sum256(d.Canonical()) }

// Walk calls visit for every node, parents before children, in reading order.
// When visit returns false the node's children are skipped.
func (d *Doc) Walk(visit func(n *Node) bool) { walk(d.Content, visit) }

func walk(nodes []*Node, visit func(n *Node) bool) {
	for _, n := range nodes {
		if visit(n) {
			walk(n.Content, visit)
		}
	}
}

// Blobs returns the SHA-256 of every picture cited, each once, in order of
// first citation.
func (d *Doc) Blobs() []string {
	return d.collect(func(n *Node) string { return n.Blob })
}

// Fields returns the name of every field used, each once, in order of first
// use.
func (d *Doc) Fields() []string {
	return d.collect(func(n *Node) string {
		if n.Type == Field {
			return n.Name
		}
		return ""
	})
}

func (d *Doc) collect(of func(*Node) string) []string {
	var out []string
	seen := map[string]bool{}
	d.Walk(func(n *Node) bool {
		if s := of(n); s != "" && !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
		return true
	})
	return out
}

// IsBlank says whether the document holds nothing a reader could see.
func (d *Doc) IsBlank() bool {
	blank := true
	d.Walk(func(n *Node) bool {
		switch n.Type {
		case Text:
			blank = blank && !strings.ContainsFunc(n.Text, visible)
		case Image, Field, Table, Amount, ProtocolLink:
			blank = false
		case Section:
			return !n.Locked // what the template gives was written by nobody
		}
		return blank
	})
	return blank
}

// visible leaves out spaces of every width and the marks that only join or part.
func visible(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) }

// PlainText returns the words of the document: blocks on lines of their own,
// cells of a row separated by tabs, fields as @name@. It feeds search and
// comparison; it is not a form to read back.
func (d *Doc) PlainText() string {
	var b strings.Builder
	plainBlocks(&b, d.Content)
	return strings.TrimRight(b.String(), "\n")
}

func plainBlocks(b *strings.Builder, nodes []*Node) {
	for _, n := range nodes {
		switch n.Type {
		case Paragraph, Heading:
			b.WriteString(inlineText(n))
			b.WriteByte('\n')
			notesText(b, n)
		case TableRow:
			for i, cell := range n.Content {
				if i > 0 {
					b.WriteByte('\t')
				}
				var c strings.Builder
				plainBlocks(&c, cell.Content)
				b.WriteString(strings.ReplaceAll(strings.TrimRight(c.String(), "\n"), "\n", " "))
			}
			b.WriteByte('\n')
		case Image:
			if n.Alt != "" {
				b.WriteString(n.Alt)
				b.WriteByte('\n')
			}
		default:
			plainBlocks(b, n.Content)
		}
	}
}

// inlineText returns the text of a paragraph's or heading's runs.
func inlineText(n *Node) string {
	var b strings.Builder
	for _, c := range n.Content {
		switch c.Type {
		case Text:
			b.WriteString(c.Text)
		case HardBreak:
			b.WriteByte('\n')
		case Field:
			b.WriteString("@" + c.Name + "@")
		case ProtocolLink:
			b.WriteString(c.Label)
		case Amount:
			b.WriteString(c.AmountText())
		}
	}
	return b.String()
}

// notesText returns the text of the notes of a paragraph or heading.
func notesText(b *strings.Builder, n *Node) {
	for _, c := range n.Content {
		if c.Type == Footnote {
			b.WriteString(inlineText(c))
			b.WriteByte('\n')
		}
	}
}

// UnsupportedRunes returns the characters of the document's text that has
// says no to, each once, in order of first appearance. Line breaks and tabs,
// which are layout and not glyphs, are not asked about.
func UnsupportedRunes(d *Doc, has func(rune) bool) []rune {
	var out []rune
	seen := map[rune]bool{}
	d.Walk(func(n *Node) bool {
		for _, r := range n.Text {
			if r == '\n' || r == '\t' || seen[r] {
				continue
			}
			seen[r] = true
			if !has(r) {
				out = append(out, r)
			}
		}
		return true
	})
	return out
}
