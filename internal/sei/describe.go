package sei

import (
	"fmt"
	"strings"
)

// Describe puts an event into the words of the history (andamento). The
// catalogue supplies today's acronyms; names of people come from the event.
func Describe(e Event, c Catalogue) string {
	switch p := e.Payload.(type) {
	case ProcessStarted:
		return describeStarted(p, c)
	case DocumentAdded:
		return "Gerado documento " + documentLabel(p.TypeName, p.Number, p.SEINumber)
	case ExternalRegistered:
		return "Registrado documento externo " + documentLabel(p.TypeName, p.Number, p.SEINumber)
	case DocumentSigned:
		return fmt.Sprintf("Assinado documento %s por %s (%s, assinatura %s)",
			documentLabel(p.TypeName, "", p.SEINumber), p.Signature.SignerName, p.Signature.Position, p.Signature.Level.Name())
	case SignatureRaised:
		return fmt.Sprintf("Assinatura elevada para %s no documento %s, de %s: %s", p.Raising.Level, documentLabel(p.TypeName, "", p.SEINumber), p.SignerName, raisingWords(p.Raising.Level))
	case SignaturesWithdrawn:
		return "Retiradas as assinaturas do documento " + documentLabel(p.TypeName, "", p.SEINumber) + " por edição do texto"
	case ContentDelivered:
		if p.To == "" {
			return "Documento " + documentLabel(p.TypeName, "", p.SEINumber) + " consultado na página pública"
		}
		return "Documento " + documentLabel(p.TypeName, "", p.SEINumber) + " consultado pela unidade " + unitAcronym(p.To, c)
	case ProcessSent:
		return describeSent(p, e, c)
	case ProcessReceived:
		return "Processo recebido na unidade"
	case ProcessAssigned:
		if p.To == "" {
			return "Removida a atribuição do processo"
		}
		return "Processo atribuído a " + p.Name
	case UnitConcluded:
		if p.Automatic {
			return "Conclusão automática do processo na unidade"
		}
		return "Conclusão do processo na unidade"
	case UnitReopened:
		return "Reabertura do processo na unidade"
	case ProcessAcknowledged:
		return "Ciência no processo por " + p.Name
	case DocumentAcknowledged:
		return "Ciência no documento " + documentLabel(p.TypeName, "", p.SEINumber) + " por " + p.Name
	case ProgressNoted:
		return p.Text
	}
	return "Andamento de uma versão mais nova do sistema (" + string(e.Kind) + ")"
}

// raisingWords says what a level adds.
func raisingWords(level string) string {
	switch level {
	case "AD-RT":
		return "carimbo do tempo acrescentado"
	case "AD-RC":
		return "carimbo do tempo e dados de validação acrescentados"
	}
	return "carimbo do tempo e dados de arquivamento acrescentados"
}

func describeStarted(p ProcessStarted, c Catalogue) string {
	text := "Processo " + strings.ToLower(p.Level.String()) + " gerado"
	if h, ok := c.LegalBasis(p.LegalBasis); ok && p.Level != Public {
		text += fmt.Sprintf(" (hipótese legal: %s, %s)", h.Name, h.Law)
	}
	return text
}

func describeSent(p ProcessSent, e Event, c Catalogue) string {
	names := make([]string, len(p.To))
	for i, to := range p.To {
		names[i] = unitAcronym(to, c)
	}
	text := "Processo remetido pela unidade " + unitAcronym(e.Unit, c) + " para " + strings.Join(names, ", ")
	if p.KeepOpen {
		text += " (mantido aberto na unidade)"
	}
	return text
}

func unitAcronym(id UnitID, c Catalogue) string {
	if u, ok := c.Unit(id); ok {
		return u.Acronym
	}
	return string(id)
}

func documentLabel(typeName, number string, seiNumber int64) string {
	label := typeName
	if number != "" {
		label += " " + number
	}
	if seiNumber != 0 {
		label += fmt.Sprintf(" (%07d)", seiNumber)
	}
	return label
}
