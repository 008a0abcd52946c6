package main

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/pdf"
	"github.com/sei-rs/sei-rs-desktop/internal/richtext"
)

// node is a part of a text as the editor gives it.
type node = map[string]any

func richDocument(blocks ...node) string {
	data, err := json.Marshal(node{"type": "doc", "attrs": node{"schema": richtext.Schema}, "content": blocks})
	must(err, "writing a text")
	return string(data)
}

func plain(text string) node { return node{"type": "text", "text": text} }

func bold(text string) node {
	return node{"type": "text", "text": text, "marks": []node{{"type": "bold"}}}
}

func paragraph(runs ...node) node { return node{"type": "paragraph", "content": runs} }

func heading(level int, text string) node {
	return node{"type": "heading", "attrs": node{"level": level}, "content": []node{plain(text)}}
}

func bullets(items ...string) node {
	list := []node{}
	for _, i := range items {
		list = append(list, node{"type": "listItem", "content": []node{paragraph(plain(i))}})
	}
	return node{"type": "bulletList", "content": list}
}

func tableOf(rows ...[]string) node {
	out := []node{}
	for i, row := range rows {
		kind := "tableCell"
		if i == 0 {
			kind = "tableHeader"
		}
		cells := []node{}
		for _, c := range row {
			cells = append(cells, node{"type": kind, "content": []node{paragraph(plain(c))}})
		}
		out = append(out, node{"type": "tableRow", "content": cells})
	}
	return node{"type": "table", "content": out}
}

func picture(sha string) node {
	return node{"type": "image", "attrs": node{"sha256": sha, "alt": "Gráfico da demanda por mês", "width": "60mm"}}
}

// chartPNG draws a small picture.
func chartPNG() []byte {
	img := image.NewRGBA(image.Rect(0, 0, 240, 120))
	for x := range 240 {
		for y := range 120 {
			c := color.RGBA{245, 247, 250, 255}
			if x%40 > 8 && 120-y < 30+(x/40)*14 {
				c = color.RGBA{19, 81, 180, 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	var out bytes.Buffer
	must(png.Encode(&out, img), "drawing a picture")
	return out.Bytes()
}

// receivedPDF is a file as it comes from outside.
func receivedPDF() []byte {
	out, err := pdf.Typeset(pdf.Input{
		Title: "Ata de reunião", Process: "Associação Hospitalar da Serra", Training: true, Date: time.Now(),
		Body: richtext.FromText("Aos dez dias do mês, reuniu-se a diretoria para tratar da ampliação dos leitos.\nFoi aprovada a proposta por unanimidade."),
	})
	must(err, "making a file")
	return out.PDF
}

// richText is the text that is written without network.
func richText(sha, closing string) string {
	return richDocument(
		heading(1, "Ampliação de leitos de retaguarda"),
		paragraph(plain("Em atenção ao pedido, este gabinete "), bold("manifesta-se favoravelmente"), plain(" à ampliação, nos termos abaixo.")),
		bullets("vinte leitos na primeira etapa;", "quinze leitos na segunda etapa."),
		tableOf([]string{"Etapa", "Leitos", "Prazo"}, []string{"Primeira", "20", "90 dias"}, []string{"Segunda", "15", "180 dias"}),
		picture(sha),
		paragraph(plain(closing)),
	)
}
