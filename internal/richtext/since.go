package richtext

import (
	"slices"
	"strings"
)

// since2 is what version 2 of the tree added; version 1 holds none of it, so
// that a desk of the release before can read whatever says that it is version 1.
var (
	nodesSince2  = []Type{Footnote, CrossReference, ProtocolLink, Amount, TableOfContents, Section}
	stylesSince2 = []Style{NormTitle, NormChapter, NormSection, NormArticle, NormParagraph, NormInciso, NormAlinea, NormItem}
	fieldsSince2 = []string{"ano", "mes_extenso", "dia", "hierarquia_unidade", "descricao",
		"destinatario_nome", "destinatario_cargo", "destinatario_tratamento", "destinatario_vocativo", "assuntos"}
)

// since is the version from which a tree may hold the node.
func since(n *Node) int {
	switch {
	case slices.Contains(nodesSince2, n.Type), n.ID != "",
		n.Type == Paragraph && slices.Contains(stylesSince2, n.Style),
		n.Type == Field && slices.Contains(fieldsSince2, n.Name):
		return 2
	}
	return 1
}

// marked are the nodes that bold, links and the like apply to.
var marked = map[Type]bool{Text: true, Field: true, CrossReference: true, ProtocolLink: true, Amount: true}

// Limits of the short names in a tree.
const (
	maxID          = 36 // a UUID
	maxSectionName = 40
)

func isID(s string) bool {
	return s != "" && len(s) <= maxID && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// id checks that a place has one name of its own.
func (v *validation) id(n *Node, at place) error {
	if n.ID == "" {
		return nil
	}
	if !isID(n.ID) || v.ids[n.ID] {
		return at.errorf("o identificador %q é inválido ou repetido", n.ID)
	}
	v.ids[n.ID] = true
	return nil
}

// attrs2 checks the nodes of version 2. A cross-reference may name a place
// that is no longer there: the editor shows it and the typesetter refuses it,
// but a text must always be storable.
func (v *validation) attrs2(n *Node, at place) error {
	switch n.Type {
	case Footnote:
		if v.notes++; v.notes > MaxNotes {
			return at.errorf("o documento tem notas de rodapé demais (o limite é %d)", MaxNotes)
		}
	case CrossReference:
		if !isID(n.Target) || !slices.Contains([]string{RefNumber, RefText, RefPage}, n.Form) {
			return at.errorf("a referência é inválida")
		}
	case ProtocolLink:
		if !isID(n.Target) || !slices.Contains([]string{LinkProcess, LinkDocument}, n.Form) {
			return at.errorf("o link do SEI é inválido")
		}
		if strings.TrimSpace(n.Label) == "" || len(n.Label) > MaxSEIText || !validText(n.Label) || strings.ContainsAny(n.Label, "\n\t") {
			return at.errorf("o link do SEI está sem número")
		}
	case Amount:
		if n.Cents < 0 || n.Cents > MaxCents {
			return at.errorf("o valor está fora do limite")
		}
	case Section:
		if strings.TrimSpace(n.Name) == "" || len(n.Name) > maxSectionName || !validText(n.Name) || v.sections[n.Name] {
			return at.errorf("o nome da seção é inválido ou repetido")
		}
		v.sections[n.Name] = true
	}
	return nil
}

// LockedParts returns the canonical form of every locked section by its name.
// An editor and whoever accepts a revision compare it with the template's: a
// locked part that differs was changed by hand.
func (d *Doc) LockedParts() map[string]string {
	out := map[string]string{}
	for _, n := range d.Content {
		if n.Type == Section && n.Locked {
			out[n.Name] = string(appendNode(nil, n))
		}
	}
	return out
}
