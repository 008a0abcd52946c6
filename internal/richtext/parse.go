package richtext

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// CodeInvalid is a tree outside the schema or over a limit.
const CodeInvalid sei.Code = "richtext.invalid"

// rawNode is a node as JSON gives it, before its attributes are understood.
type rawNode struct {
	Type    string                     `json:"type"`
	Attrs   map[string]json.RawMessage `json:"attrs"`
	Content []rawNode                  `json:"content"`
	Marks   []rawMark                  `json:"marks"`
	Text    *string                    `json:"text"`
}

type rawMark struct {
	Type  string                     `json:"type"`
	Attrs map[string]json.RawMessage `json:"attrs"`
}

// Parse reads a document tree from its TipTap JSON form, validates it against
// the schema and returns it in canonical shape. Errors carry CodeInvalid and
// name the place in words.
func Parse(data []byte) (*Doc, error) {
	if len(data) > MaxBytes {
		return nil, sei.Errorf(CodeInvalid, "O texto é grande demais (%d MB); o limite é %d MB. Divida-o em mais de um documento.", len(data)>>20, MaxBytes>>20)
	}
	if err := checkNesting(data); err != nil {
		return nil, err
	}
	var raw rawNode
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&raw); err != nil {
		return nil, sei.Wrap(err, CodeInvalid, "O texto do documento está em uma forma que o sistema não reconhece.")
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, sei.Errorf(CodeInvalid, "O texto do documento tem conteúdo a mais depois do fim.")
	}
	d, err := readDoc(&raw)
	if err != nil {
		return nil, err
	}
	if err := d.Validate(); err != nil {
		return nil, err
	}
	return d, nil
}

// checkNesting bounds the depth before anything recursive runs. Each node
// nests an object and an array, attributes and marks two more.
func checkNesting(data []byte) error {
	depth, quoted := 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > 2*MaxDepth+6 {
				return sei.Errorf(CodeInvalid, "O texto tem itens dentro de itens demais; o limite é de %d níveis.", MaxDepth)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}

func readDoc(raw *rawNode) (*Doc, error) {
	if raw.Type != "doc" || raw.Text != nil || len(raw.Marks) > 0 {
		return nil, sei.Errorf(CodeInvalid, "O texto do documento não começa como um documento.")
	}
	schema := 0
	for name, v := range raw.Attrs {
		if name != "schema" || json.Unmarshal(v, &schema) != nil {
			return nil, sei.Errorf(CodeInvalid, "O documento traz uma propriedade desconhecida (%q).", name)
		}
	}
	if schema < OldestSchema || schema > Schema {
		return nil, sei.Errorf(CodeInvalid, "O documento foi escrito em outra versão do editor (forma %d; esta versão lê até a forma %d). Atualize o programa.", schema, Schema)
	}
	content, err := readNodes(raw.Content, nil, 1)
	if err != nil {
		return nil, err
	}
	return &Doc{Schema: schema, Content: content}, nil
}

func readNodes(raws []rawNode, at place, depth int) ([]*Node, error) {
	if depth > MaxDepth {
		return nil, at.errorf("há itens dentro de itens demais (o limite é de %d níveis)", MaxDepth)
	}
	var out []*Node
	var run []string // the texts of a stretch of equal marks, joined once
	closeRun := func() {
		if len(run) > 1 {
			out[len(out)-1].Text = strings.Join(run, "")
		}
		run = nil
	}
	for i := range raws {
		n, err := readNode(&raws[i], at.child(Type(raws[i].Type), i), depth)
		if err != nil {
			return nil, err
		}
		if n.Type == Text && n.Text == "" {
			continue // nothing to see; ProseMirror itself refuses to hold one
		}
		if len(run) > 0 && n.Type == Text && slices.Equal(out[len(out)-1].Marks, n.Marks) {
			run = append(run, n.Text)
			continue
		}
		closeRun()
		out = append(out, n)
		if n.Type == Text {
			run = append(run, n.Text)
		}
	}
	closeRun()
	return out, nil
}

func readNode(raw *rawNode, at place, depth int) (*Node, error) {
	n := &Node{Type: Type(raw.Type)}
	if _, ok := models[n.Type]; !ok {
		return nil, at.errorf("há um item de tipo desconhecido (%q)", raw.Type)
	}
	if (raw.Text != nil) != (n.Type == Text) {
		return nil, at.errorf("há texto fora de lugar")
	}
	if n.Type == Text {
		n.Text = *raw.Text
	}
	if err := readAttrs(n, raw.Attrs, at); err != nil {
		return nil, err
	}
	marks, err := readMarks(raw.Marks, at)
	if err != nil {
		return nil, err
	}
	// The editor also marks line breaks inside bold text; on a break a mark
	// means nothing, so it has no place in the canonical form.
	if n.Type != HardBreak {
		n.Marks = marks
	}
	n.Content, err = readNodes(raw.Content, at, depth+1)
	return n, err
}

func readMarks(raws []rawMark, at place) ([]Mark, error) {
	var out []Mark
	for _, raw := range raws {
		m := Mark{Type: MarkType(raw.Type)}
		if !slices.Contains(markOrder, m.Type) {
			return nil, at.errorf("há uma formatação desconhecida (%q)", raw.Type)
		}
		for _, name := range sortedKeys(raw.Attrs) {
			v := raw.Attrs[name]
			switch {
			case m.Type == Link && name == "href":
				if err := json.Unmarshal(v, &m.Href); err != nil {
					return nil, at.errorf("há um link com endereço malformado")
				}
			case m.Type == Link && slices.Contains(presentational, name):
				// How a browser opens a link is not part of the document.
			default:
				return nil, at.errorf("a formatação %q traz uma propriedade desconhecida (%q)", raw.Type, name)
			}
		}
		out = append(out, m)
	}
	slices.SortStableFunc(out, func(a, b Mark) int {
		return slices.Index(markOrder, a.Type) - slices.Index(markOrder, b.Type)
	})
	return out, nil
}

// presentational are attributes that TipTap's link extension always writes.
var presentational = []string{"class", "rel", "target", "title"}

func sortedKeys(m map[string]json.RawMessage) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// readAttrs fills the node's fields from its attributes and sets defaults. A
// null attribute is an absent one, as in TipTap.
func readAttrs(n *Node, attrs map[string]json.RawMessage, at place) error {
	setDefaults(n)
	for _, name := range sortedKeys(attrs) {
		target, ok := attrTarget(n, name)
		v := attrs[name]
		null := bytes.Equal(bytes.TrimSpace(v), []byte("null"))
		if !ok {
			return at.errorf("há uma propriedade desconhecida (%q)", name)
		}
		if null {
			continue
		}
		if target == nil || json.Unmarshal(v, target) != nil {
			return at.errorf("a propriedade %q tem um valor inválido", name)
		}
	}
	n.Blob = strings.ToLower(n.Blob)
	if allZero(n.ColWidth) {
		n.ColWidth = nil
	}
	return nil
}

// allZero says whether no column has a width: prosemirror-tables writes zero
// for a column of a span that nobody has sized.
func allZero(widths []int) bool {
	for _, w := range widths {
		if w != 0 {
			return false
		}
	}
	return true
}

func setDefaults(n *Node) {
	switch n.Type {
	case Paragraph:
		n.Style = DefaultParagraphStyle
	case Heading:
		n.Level = 1
	case OrderedList:
		n.Start, n.Numbering = 1, "1"
	case CrossReference:
		n.Form = RefNumber
	case TableCell, TableHeader:
		n.ColSpan, n.RowSpan = 1, 1
	}
}

// attrTarget returns where the attribute's value goes; nil with true is an
// attribute that the editor's extensions know but a document leaves null.
func attrTarget(n *Node, name string) (any, bool) {
	switch n.Type {
	case Paragraph:
		switch name {
		case "id":
			return &n.ID, true
		case "style":
			return &n.Style, true
		case "textAlign":
			return &n.Align, true
		}
	case Heading:
		switch name {
		case "id":
			return &n.ID, true
		case "level":
			return &n.Level, true
		case "textAlign":
			return &n.Align, true
		}
	case OrderedList:
		switch name {
		case "start":
			return &n.Start, true
		case "type":
			return &n.Numbering, true
		}
	case TableCell, TableHeader:
		switch name {
		case "colspan":
			return &n.ColSpan, true
		case "rowspan":
			return &n.RowSpan, true
		case "colwidth":
			return &n.ColWidth, true
		case "align":
			return nil, true
		}
	case Image:
		switch name {
		case "sha256":
			return &n.Blob, true
		case "alt":
			return &n.Alt, true
		case "width":
			return &n.Width, true
		case "textAlign":
			return &n.Align, true
		case "src", "title", "height":
			return nil, true
		}
	case Field:
		if name == "name" {
			return &n.Name, true
		}
	default:
		return attrTarget2(n, name)
	}
	return nil, false
}

// attrTarget2 is attrTarget for the nodes of version 2.
func attrTarget2(n *Node, name string) (any, bool) {
	switch string(n.Type) + " " + name {
	case "crossReference form", "protocolLink form":
		return &n.Form, true
	case "crossReference target", "protocolLink target":
		return &n.Target, true
	case "protocolLink label":
		return &n.Label, true
	case "amount cents":
		return &n.Cents, true
	case "amount words":
		return &n.Words, true
	case "section locked":
		return &n.Locked, true
	case "section name":
		return &n.Name, true
	}
	return nil, false
}

// maxPlaceParts keeps the sentence readable in deeply nested text.
const maxPlaceParts = 5

// place is where in the document a fault is, in words a servant can follow.
type place []string

func (p place) child(t Type, i int) place {
	word, ok := placeWords[t]
	if !ok {
		word = "item"
	}
	return append(slices.Clip(p), fmt.Sprintf("%s %d", word, i+1))
}

var placeWords = map[Type]string{
	Paragraph: "parágrafo", Heading: "título", BulletList: "lista", OrderedList: "lista",
	ListItem: "item de lista", Table: "tabela", TableRow: "linha", TableCell: "célula",
	TableHeader: "célula", Image: "imagem", Blockquote: "citação", PageBreak: "quebra de página",
	HorizontalRule: "linha horizontal", Text: "trecho", HardBreak: "quebra de linha", Field: "campo",
	Footnote: "nota de rodapé", CrossReference: "referência", ProtocolLink: "link do SEI", Amount: "valor",
	TableOfContents: "sumário", Section: "seção",
}

func (p place) errorf(format string, args ...any) error {
	what := fmt.Sprintf(format, args...)
	if len(p) == 0 {
		return sei.Errorf(CodeInvalid, "O texto não pode ser aceito: %s.", what)
	}
	if len(p) > maxPlaceParts {
		p = append(place{p[0], "…"}, p[len(p)-maxPlaceParts+1:]...)
	}
	return sei.Errorf(CodeInvalid, "O texto não pode ser aceito: %s em %s.", what, strings.Join(p, ", "))
}
