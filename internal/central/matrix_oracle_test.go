package central_test

import "github.com/sei-rs/sei-rs-desktop/internal/sei"

// The expectations of the authorization matrix. They are written from the design
// (sections 3 and 4), word by word, and share nothing with the code under test:
// neither its functions nor its way of asking.

// relation is how the unit of the one who asks stands to the process.
type relation string

const (
	generating relation = "geradora"
	current    relation = "atual"
	past       relation = "anterior"
	unrelated  relation = "nenhuma"
)

// relations are those that this release knows. A block would be the fifth: see
// TestABlockGetsItsRowsInTheMatrixWhenItComes.
var relations = []relation{generating, current, past, unrelated}

// rights are what an actor may learn of and do in one process.
type rights struct {
	know     bool // that it exists: number, tree, history
	content  bool // bytes of what is signed or received
	minute   bool // texts that nobody has signed
	personal bool // CPF and addresses of contacts
	act      bool // commands in the process
}

// worksThere: "Profiles: Básico, Colaborador (no signing), Protocolo, Arquivamento,
// Publicador" work in processes; the administrators and the Auditor do not.
var worksThere = map[sei.Profile]bool{
	"basico": true, "colaborador": true, "protocolo": true, "arquivamento": true, "publicador": true,
	"administrador_orgao": false, "administrador": false, "auditor": false,
}

var levelsOfAccess = []sei.AccessLevel{0, 1, 2} // Público, Restrito, Sigiloso

func expected(level sei.AccessLevel, profile sei.Profile, rel relation) rights {
	related := rel != unrelated
	open := rel == generating || rel == current
	switch {
	case level == 2: // Sealed: by credential alone, and nobody has one
		return rights{}
	case profile == "auditor": // "Auditor (metadata)"
		return rights{know: true}
	case level == 0: // "Public content: any logged-in user"
		return rights{
			know: true, content: true, minute: rel == generating,
			personal: related && worksThere[profile], act: open && worksThere[profile],
		}
	case related: // Restricted: the units through which it passed
		return rights{
			know: true, content: true, minute: rel == generating,
			personal: worksThere[profile], act: open && worksThere[profile],
		}
	}
	return rights{}
}

// disclosed is what the public page tells the holder of a right pair: "Public:
// document and signatures; Restricted: signatures […], never content; Sealed and
// minutes: não encontrado".
func disclosed(level sei.AccessLevel) (signatures, content bool) { return level != 2, level == 0 }
