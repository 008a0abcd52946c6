package desktop

import "github.com/sei-rs/sei-rs-desktop/internal/pdf"

// Where a visible stamp may go.
const (
	stampAtEnd  = "end"  // SEI's place, below the text of a document typeset here
	stampOnPage = "page" // a point that the servant chose
	stampNone   = "none" // an invisible signature
)

// StampPlace is where the visible stamp of a signature goes.
type StampPlace struct {
	Mode string `json:"mode"` // "end", "page" or "none"
	Page int    `json:"page"` // from 1; 0 is the last page
	// Left and Bottom are the stamp's lower left corner in points from the page's.
	Left   float64 `json:"left"`
	Bottom float64 `json:"bottom"`
}

// Size of a stamp that the servant places, in points: three lines of small print.
const (
	stampWidth  = 240.0
	stampHeight = 40.0
)

// place gives the rectangle; atEnd is SEI's place, nil where there is none.
func (p StampPlace) place(atEnd *pdf.StampRect) *pdf.StampRect {
	switch p.Mode {
	case stampNone:
		return nil
	case stampOnPage:
		return &pdf.StampRect{Page: p.Page, Left: p.Left, Bottom: p.Bottom, Right: p.Left + stampWidth, Top: p.Bottom + stampHeight}
	}
	return atEnd
}
