package desktop

import (
	"context"
	"encoding/json"
	"math"
	"strconv"

	"github.com/sei-rs/sei-rs-desktop/internal/pdf"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Where a visible stamp may go.
const (
	stampAtEnd  = "end"    // SEI's place, below the text of a document typeset here
	stampOnPage = "page"   // a place that the servant chose
	stampByText = "anchor" // beside a text of the page, which the window has found
	stampNone   = "none"   // an invisible signature
)

const (
	prefStamps = "signing.stamps"
	// Sides of a stamp that can be read and leaves something of the page, in points.
	minStampSide, maxStampSide = 20.0, 600.0
	maxPageCoordinate          = 14400.0 // ISO 32000-1, Annex C
	maxAnchor                  = 200     // runes
)

// StampPlace is where the visible stamp of a signature goes. The rectangle is in
// points in the page's own space, origin below at the left.
type StampPlace struct {
	Mode   string  `json:"mode"` // "end", "page", "anchor" or "none"
	Page   int     `json:"page"` // from 1; 0 is the last page
	Left   float64 `json:"left"`
	Bottom float64 `json:"bottom"`
	Right  float64 `json:"right"`
	Top    float64 `json:"top"`
	// Anchor is the text that the window looks for; the rectangle is where it found it.
	Anchor string `json:"anchor"`
}

// place gives the rectangle; atEnd is SEI's place, nil where there is none. Errors:
// sei.CodeInvalid for a place that no stamp can have.
func (p StampPlace) place(atEnd *pdf.StampRect) (*pdf.StampRect, error) {
	switch p.Mode {
	case "", stampAtEnd:
		return atEnd, nil
	case stampNone:
		return nil, nil
	case stampOnPage, stampByText:
		if !p.sound() {
			return nil, sei.Errorf(sei.CodeInvalid, "O lugar do carimbo não serve. Abra o carimbo e coloque-o de novo na página.")
		}
		page := p.Page
		if page == 0 {
			page = -1
		}
		return &pdf.StampRect{Page: page, Left: p.Left, Bottom: p.Bottom, Right: p.Right, Top: p.Top}, nil
	}
	return nil, sei.Errorf(sei.CodeInvalid, "O lugar do carimbo não é conhecido.")
}

func (p StampPlace) sound() bool {
	for _, v := range []float64{p.Left, p.Bottom, p.Right, p.Top} {
		if math.IsNaN(v) || math.Abs(v) > maxPageCoordinate {
			return false
		}
	}
	width, height := p.Right-p.Left, p.Top-p.Bottom
	fits := func(side float64) bool { return side >= minStampSide && side <= maxStampSide }
	return p.Page >= 0 && fits(width) && fits(height) && len([]rune(p.Anchor)) <= maxAnchor
}

// stamps are the places remembered by document type.
func (a *account) stamps(ctx context.Context) map[string]StampPlace {
	out := map[string]StampPlace{}
	text, ok, err := a.store.Preference(ctx, prefStamps)
	if err == nil && ok {
		err = json.Unmarshal([]byte(text), &out)
	}
	if err != nil {
		a.desk.log.Warn("reading the places of stamps", "error", err)
		return map[string]StampPlace{}
	}
	return out
}

// suggestStamp is where the stamp of a document of the type went the last time, or
// its usual place: SEI's on what is typeset here, none on the pages of others.
func suggestStamp(remembered map[string]StampPlace, item SignItem, atEnd bool) StampPlace {
	usual := StampPlace{Mode: stampNone}
	if atEnd {
		usual.Mode = stampAtEnd
	}
	p, ok := remembered[strconv.Itoa(item.Type)]
	switch {
	case !ok, p.Mode == stampAtEnd && !atEnd:
		return usual
	case p.Page > item.Pages && item.Pages > 0:
		p.Page = 0
	}
	return p
}

// rememberStamps keeps, for each document type, where its stamps went.
func (a *account) rememberStamps(ctx context.Context, items []SignItem) {
	all := a.stamps(ctx)
	for _, item := range items {
		if item.Stamp.Mode != "" {
			all[strconv.Itoa(item.Type)] = item.Stamp
		}
	}
	data, err := json.Marshal(all)
	if err == nil {
		err = a.store.SetPreference(ctx, prefStamps, string(data))
	}
	if err != nil {
		a.desk.log.Warn("remembering the places of stamps", "error", err)
	}
}
