package richtext

// Cell is a table's cell in its place on the grid.
type Cell struct {
	Node     *Node
	Row, Col int // of its upper left corner, from 0
}

// Grid lays a table's cells on a grid of rows and columns, so that spans are
// resolved once for whoever draws or checks a table.
type Grid struct {
	Rows, Cols int
	Cells      []Cell // in reading order
}

// GridOf resolves the spans of a table. It says false when they contradict
// each other: cells that overlap, rows that end past the others, spans below
// the last row, or more than MaxColumns columns.
func GridOf(table *Node) (Grid, bool) {
	g := Grid{Rows: len(table.Content)}
	until := make([]int, MaxColumns) // first row in which the column is free
	for r, row := range table.Content {
		col := 0
		for _, cell := range row.Content {
			for col < MaxColumns && until[col] > r {
				col++
			}
			if !claim(until, r, col, cell) || r+cell.RowSpan > g.Rows {
				return Grid{}, false
			}
			g.Cells = append(g.Cells, Cell{Node: cell, Row: r, Col: col})
			col += cell.ColSpan
			g.Cols = max(g.Cols, col)
		}
	}
	return g, g.Cols > 0
}

func claim(until []int, row, col int, cell *Node) bool {
	if cell.ColSpan < 1 || cell.RowSpan < 1 || cell.ColSpan > MaxColumns || col+cell.ColSpan > MaxColumns {
		return false
	}
	for c := col; c < col+cell.ColSpan; c++ {
		if until[c] > row {
			return false
		}
		until[c] = row + cell.RowSpan
	}
	return true
}

// table checks spans and widths. A row shorter than the others is accepted:
// the editor makes one while columns are being pasted.
func (v *validation) table(n *Node, at place) error {
	for r, row := range n.Content {
		for c, cell := range row.Content {
			here := at.child(TableRow, r).child(TableCell, c)
			if v.cells++; v.cells > MaxCells {
				return here.errorf("há células de tabela demais (o limite é %d)", MaxCells)
			}
			if cell.ColWidth != nil && len(cell.ColWidth) != cell.ColSpan {
				return here.errorf("as larguras das colunas não conferem")
			}
			for _, w := range cell.ColWidth {
				if w < 0 || w > 10_000 {
					return here.errorf("há uma largura de coluna inválida")
				}
			}
		}
	}
	if _, ok := GridOf(n); !ok {
		return at.errorf("as células mescladas se contradizem ou há colunas demais (o limite é %d)", MaxColumns)
	}
	return nil
}
