package richtext

import "slices"

// FieldKind describes one field: a place in the text that the system fills in
// when the document is frozen.
type FieldKind struct {
	Name  string `json:"name"`  // as in the tree and in SEI's @name@
	Label string `json:"label"` // what a servant calls it
}

var fieldKinds = []FieldKind{
	{"processo", "número do processo"},
	{"tipo_processo", "tipo do processo"},
	{"especificacao", "especificação do processo"},
	{"interessados", "interessados"},
	{"destinatarios", "destinatários"},
	{"documento", "número SEI do documento"},
	{"tipo_documento", "tipo do documento"},
	{"numero_documento", "número do documento"},
	{"unidade", "nome da unidade"},
	{"sigla_unidade", "sigla da unidade"},
	{"orgao", "nome do órgão"},
	{"sigla_orgao", "sigla do órgão"},
	{"cidade", "cidade"},
	{"data", "data"},
	{"data_extenso", "data por extenso"},
	{"dia", "dia"},
	{"mes_extenso", "mês por extenso"},
	{"ano", "ano"},
	{"assuntos", "assuntos"},
	{"descricao", "descrição do documento"},
	{"hierarquia_unidade", "unidade e as suas superiores"},
	{"destinatario_nome", "nome do destinatário"},
	{"destinatario_cargo", "cargo do destinatário"},
	{"destinatario_tratamento", "forma de tratamento do destinatário"},
	{"destinatario_vocativo", "vocativo do destinatário"},
}

// FieldKinds lists every field that a document may use.
func FieldKinds() []FieldKind { return slices.Clone(fieldKinds) }

// FieldLabel returns what a servant calls the field, or the name itself when
// it is not one of the schema's.
func FieldLabel(name string) string {
	for _, f := range fieldKinds {
		if f.Name == name {
			return f.Label
		}
	}
	return name
}

func knownField(name string) bool {
	return slices.ContainsFunc(fieldKinds, func(f FieldKind) bool { return f.Name == name })
}
