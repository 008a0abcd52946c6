package desktop

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sei-rs/sei-rs-desktop/internal/local"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// maxToSign is how many processes the list of minutes to sign looks into.
const maxToSign = 300

// toSign lists the unit's minutes in processes that are open in it and that the
// user has not signed, the process that moved last first and its minutes in their
// order; those that cannot be signed yet say why.
func (a *account) toSign(ctx context.Context) (ToSignList, error) {
	unit := a.here()
	processes, err := a.store.ProcessesWithMinutes(ctx, unit, maxToSign+1)
	if err != nil {
		return ToSignList{}, fmt.Errorf("listing minutes: %w", err)
	}
	out := ToSignList{Lines: []ToSignLine{}, More: len(processes) > maxToSign}
	c, err := a.store.Catalogue(ctx)
	if err != nil {
		return ToSignList{}, err
	}
	p := a.projector(ctx, c)
	for _, id := range processes[:min(len(processes), maxToSign)] {
		o, _, err := a.view(ctx, id)
		if sei.CodeOf(err) == sei.CodeNotFound {
			continue // revoked meanwhile
		}
		if err != nil {
			return ToSignList{}, err
		}
		out.Lines = append(out.Lines, p.toSign(o, c)...)
	}
	return out, nil
}

// toSign lists the minutes of one process.
func (p projector) toSign(o *overlay, c *local.Catalogue) []ToSignLine {
	var out []ToSignLine
	t, _ := c.ProcessType(o.process.Type)
	for _, d := range o.process.Documents {
		if !d.IsMinute() || d.GeneratingUnit != p.actor.Unit || d.Cancelled || !o.process.OpenIn(p.actor.Unit) {
			continue
		}
		line := ToSignLine{
			Document: string(d.ID), ProcessID: string(o.process.ID), Process: processNumber(o.process), ProcessType: t.Name,
			Specification: o.process.Specification, Title: documentTitle(d, c), SEINumber: seiNumber(d.SEINumber),
			AddedBy: p.userName(d.AddedBy), AddedAt: d.AddedAt,
		}
		if may := p.maySign(o, d); !may.Allowed {
			line.Reason = may.Reason
		}
		out = append(out, line)
	}
	slices.SortFunc(out, func(x, y ToSignLine) int {
		return cmp.Or(x.AddedAt.Compare(y.AddedAt), strings.Compare(x.SEINumber, y.SEINumber))
	})
	return out
}
