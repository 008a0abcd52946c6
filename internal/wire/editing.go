package wire

import (
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// EditingFor is how long an EditingNotice holds; an open editor renews it.
const EditingFor = 5 * time.Minute

// EditingNotice says that the user has a minute open in the editor, or has
// closed it. It is advice to colleagues and locks nothing.
type EditingNotice struct {
	Unit     sei.UnitID     `json:"unit"`
	Document sei.DocumentID `json:"document"`
	Editing  bool           `json:"editing"`
}

// EditingRow is the row `editing/<document>` of a unit's bucket.
type EditingRow struct {
	Process  sei.ProcessID  `json:"process"`
	Document sei.DocumentID `json:"document"`
	User     sei.UserID     `json:"user"`
	Name     string         `json:"name"`
	Until    time.Time      `json:"until"` // passed: nobody edits any more
}

// EditingKey is the key of a document's row.
func EditingKey(d sei.DocumentID) string { return "editing/" + string(d) }
