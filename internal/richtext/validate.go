package richtext

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// model is what a node may contain.
type model struct {
	children []Type
	atLeast  int
}

var (
	inline = []Type{Text, HardBreak, Field, Footnote, CrossReference, ProtocolLink, Amount}
	// what a note may hold: everything that stands in a line but another note
	inNote = []Type{Text, HardBreak, Field, CrossReference, ProtocolLink, Amount}
	// blocks that may stand inside a list item, a quotation or a cell
	nested = []Type{Paragraph, Heading, BulletList, OrderedList, Image, Blockquote, HorizontalRule}
	// A table inside a table cannot be broken across pages safely, so a cell
	// holds none; a page break belongs to the page's own level.
	inSection = append(slices.Clone(nested), Table, PageBreak, TableOfContents)
	top       = append(slices.Clone(inSection), Section)
)

var models = map[Type]model{
	Paragraph:       {inline, 0},
	Heading:         {inline, 0},
	BulletList:      {[]Type{ListItem}, 1},
	OrderedList:     {[]Type{ListItem}, 1},
	ListItem:        {nested, 1},
	Blockquote:      {nested, 1},
	Table:           {[]Type{TableRow}, 1},
	TableRow:        {[]Type{TableCell, TableHeader}, 0},
	TableCell:       {nested, 1},
	TableHeader:     {nested, 1},
	Image:           {},
	PageBreak:       {},
	HorizontalRule:  {},
	Text:            {},
	HardBreak:       {},
	Field:           {},
	Footnote:        {inNote, 1},
	CrossReference:  {},
	ProtocolLink:    {},
	Amount:          {},
	TableOfContents: {},
	Section:         {inSection, 1},
}

// validation counts what the limits are about.
type validation struct {
	version                           int
	nodes, text, cells, images, notes int
	ids                               map[string]bool
	sections                          map[string]bool
}

// Validate checks the tree against the schema and the limits. Parse has done
// it already; it is for trees built or changed in code. Errors carry
// CodeInvalid and name the place.
func (d *Doc) Validate() error {
	if len(d.Content) == 0 {
		return place(nil).errorf("o documento está sem nenhum parágrafo")
	}
	if d.Schema < 0 || d.Schema > Schema {
		return place(nil).errorf("a forma %d não existe", d.Schema)
	}
	v := &validation{version: d.Version(), ids: map[string]bool{}, sections: map[string]bool{}}
	return v.nodesOf(d.Content, top, nil, 1)
}

func (v *validation) nodesOf(nodes []*Node, allowed []Type, at place, depth int) error {
	if depth > MaxDepth {
		return at.errorf("há itens dentro de itens demais (o limite é de %d níveis)", MaxDepth)
	}
	for i, n := range nodes {
		here := at.child(n.Type, i)
		if !slices.Contains(allowed, n.Type) {
			return here.errorf("há um item fora de lugar (%q)", n.Type)
		}
		if err := v.node(n, here, depth); err != nil {
			return err
		}
	}
	return nil
}

func (v *validation) node(n *Node, at place, depth int) error {
	if v.nodes++; v.nodes > MaxNodes {
		return at.errorf("o documento tem itens demais (o limite é %d)", MaxNodes)
	}
	if v.version < since(n) {
		return at.errorf("há um item que a forma %d do texto não conhece", v.version)
	}
	m := models[n.Type]
	if len(n.Content) < m.atLeast {
		return at.errorf("falta conteúdo")
	}
	if err := v.attrs(n, at); err != nil {
		return err
	}
	if err := checkMarks(n, at); err != nil {
		return err
	}
	if n.Type == Table {
		if err := v.table(n, at); err != nil {
			return err
		}
	}
	return v.nodesOf(n.Content, m.children, at, depth+1)
}

func (v *validation) attrs(n *Node, at place) error {
	switch n.Type {
	case Paragraph:
		if !slices.Contains(styles, n.Style) {
			return at.errorf("o estilo %q não existe", n.Style)
		}
		if err := v.id(n, at); err != nil {
			return err
		}
		return checkAlign(n.Align, at)
	case Heading:
		if err := v.id(n, at); err != nil {
			return err
		}
		if n.Level < 1 || n.Level > 3 {
			return at.errorf("o nível do título deve ser de 1 a 3")
		}
		return checkAlign(n.Align, at)
	case OrderedList:
		if n.Start < 0 || n.Start > 99_999 || !slices.Contains([]string{"1", "a", "A", "i", "I"}, n.Numbering) {
			return at.errorf("a numeração da lista é inválida")
		}
	case Image:
		return v.image(n, at)
	case Field:
		if !knownField(n.Name) {
			return at.errorf("o campo %q não existe", n.Name)
		}
	case Text:
		return v.run(n, at)
	default:
		return v.attrs2(n, at)
	}
	return nil
}

func checkAlign(a Align, at place) error {
	switch a {
	case AlignNone, AlignLeft, AlignCenter, AlignRight, AlignJustify:
		return nil
	}
	return at.errorf("o alinhamento %q não existe", a)
}

func (v *validation) image(n *Node, at place) error {
	if v.images++; v.images > MaxImages {
		return at.errorf("o documento tem imagens demais (o limite é %d)", MaxImages)
	}
	if len(n.Blob) != 64 || strings.Trim(n.Blob, "0123456789abcdef") != "" {
		return at.errorf("a imagem não foi guardada corretamente; insira-a de novo")
	}
	if len(n.Alt) > MaxAlt || !validText(n.Alt) {
		return at.errorf("a descrição da imagem é longa demais ou tem caracteres inválidos")
	}
	if _, _, err := n.ImageWidth(); err != nil {
		return at.errorf("a largura da imagem é inválida (%q)", n.Width)
	}
	return checkAlign(n.Align, at)
}

// ImageWidth returns the width asked for the picture: a number of millimetres,
// or a part of the text's width from 0 to 1. Both are zero when the picture
// keeps its own size.
func (n *Node) ImageWidth() (mm, part float64, err error) {
	if n.Width == "" {
		return 0, 0, nil
	}
	digits, isMM := strings.CutSuffix(n.Width, "mm")
	limit := 300
	if !isMM {
		var ok bool
		if digits, ok = strings.CutSuffix(n.Width, "%"); !ok {
			return 0, 0, strconv.ErrSyntax
		}
		limit = 100
	}
	// Only the shortest decimal form, so that a width has one spelling.
	value, err := strconv.Atoi(digits)
	if err != nil || strconv.Itoa(value) != digits || value < 1 || value > limit {
		return 0, 0, strconv.ErrRange
	}
	if isMM {
		return float64(value), 0, nil
	}
	return 0, float64(value) / 100, nil
}

func (v *validation) run(n *Node, at place) error {
	if n.Text == "" || !validText(n.Text) {
		return at.errorf("há caracteres de controle ou malformados")
	}
	if v.text += len(n.Text); v.text > MaxText {
		return at.errorf("o texto é longo demais (o limite é %d MB)", MaxText>>20)
	}
	return nil
}

// validText refuses control characters, which no font carries and which
// could hide text from the reader. Line breaks and tabs pass.
func validText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, forbidden)
}

func forbidden(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\t'
}

func checkMarks(n *Node, at place) error {
	if len(n.Marks) > 0 && !marked[n.Type] {
		return at.errorf("há formatação fora de lugar")
	}
	last := -1
	for _, m := range n.Marks {
		order := slices.Index(markOrder, m.Type)
		if order <= last {
			return at.errorf("há formatação repetida (%q)", m.Type)
		}
		last = order
		if (m.Type == Link) != (m.Href != "") {
			return at.errorf("há um link sem endereço")
		}
		if m.Type == Link && !safeHref(m.Href) {
			return at.errorf("o endereço do link não é aceito (use http, https ou mailto)")
		}
	}
	return nil
}

// safeHref accepts complete http, https and mailto addresses written in
// ASCII, which is all that a PDF's URI action can carry.
func safeHref(href string) bool {
	if len(href) > MaxHref || strings.ContainsFunc(href, func(r rune) bool { return r <= ' ' || r > '~' || r == '\\' }) {
		return false
	}
	u, err := url.Parse(href)
	if err != nil {
		return false
	}
	switch u.Scheme {
	case "http", "https":
		return u.Host != ""
	case "mailto":
		return u.Opaque != ""
	}
	return false
}
