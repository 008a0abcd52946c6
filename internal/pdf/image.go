package pdf

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"image/color"
	"image/draw"
	_ "image/gif" // recognised, to be refused by name
	"image/jpeg"
	"image/png"

	"github.com/jung-kurt/gofpdf"

	"github.com/sei-rs/sei-rs-desktop/internal/richtext"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Limits on one picture; they bound memory while it is decoded.
const (
	MaxImageBytes  = 20 << 20
	MaxImagePixels = 40_000_000
)

var errTallCell = sei.Errorf(CodeTooLong, "Uma célula de tabela tem conteúdo maior do que uma página. Divida a célula.")

// picture is a decoded and registered image.
type picture struct {
	name          string
	width, height int // pixels
}

// image sets a picture, scaled to the frame and to a page.
func (s *setter) image(n *richtext.Node, fr frame) []atom {
	p, err := s.picture(n.Blob)
	if err != nil {
		s.fail(err)
		return nil
	}
	w, h := p.scaled(n, fr)
	left := fr.left
	switch n.Align {
	case richtext.AlignCenter:
		left += (fr.width - w) / 2
	case richtext.AlignRight:
		left += fr.width - w
	}
	figure := s.parent.child("Figure")
	if figure.alt = printable(n.Alt); figure.alt == "" {
		figure.alt = "Imagem sem descrição"
	}
	return []atom{{height: h, before: 8, elem: figure, draw: func(c *canvas, x, y float64) {
		if len(fr.quotes) > 0 {
			c.tag(artifact)
			fr.quoteRules(c, x, y, h)
			c.tag(figure)
		}
		c.ImageOptions(p.name, x+left, y, w, h, false, gofpdf.ImageOptions{}, 0, "")
	}}}
}

// scaled returns the picture's size in points: what was asked for, or its
// pixels at 96 a inch, never more than the frame or two thirds of a page.
func (p *picture) scaled(n *richtext.Node, fr frame) (w, h float64) {
	millimetres, part, _ := n.ImageWidth() // validated
	w = float64(p.width) * 0.75
	switch {
	case millimetres > 0:
		w = millimetres * mm
	case part > 0:
		w = part * fr.width
	}
	w = min(w, fr.width)
	h = w * float64(p.height) / float64(p.width)
	limit := bodyHeight * 0.92
	if fr.tight {
		limit = bodyHeight * 0.5
	}
	if h > limit {
		w, h = w*limit/h, limit
	}
	return w, h
}

func (s *setter) picture(hash string) (*picture, error) {
	if p, ok := s.pictures[hash]; ok {
		return p, nil
	}
	if s.images == nil {
		return nil, sei.Errorf(CodeBadImage, "Uma imagem do texto não foi encontrada neste computador. Insira-a de novo.")
	}
	data, err := s.images(hash)
	if err != nil {
		return nil, sei.Wrap(err, CodeBadImage, "Uma imagem do texto não foi encontrada neste computador. Sincronize ou insira-a de novo.")
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != hash {
		return nil, sei.Errorf(CodeBadImage, "Uma imagem do texto está diferente da que foi inserida. Insira-a de novo.")
	}
	data, kind, cfg, err := printableImage(data)
	if err != nil {
		return nil, err
	}
	info := s.canvas.RegisterImageOptionsReader(hash, gofpdf.ImageOptions{ImageType: kind}, bytes.NewReader(data))
	if s.canvas.Err() || info == nil {
		return nil, sei.Wrap(s.canvas.Error(), CodeBadImage, "Uma imagem do texto está danificada. Insira-a de novo.")
	}
	p := &picture{name: hash, width: cfg.Width, height: cfg.Height}
	s.pictures[hash] = p
	return p, nil
}

// CheckImage says whether the bytes are a picture that Typeset takes: PNG or
// JPEG within the limits. It returns the size in pixels. For whoever inserts
// a picture, so that it is refused then and not when signing.
func CheckImage(data []byte) (width, height int, err error) {
	_, _, cfg, err := printableImage(data)
	return cfg.Width, cfg.Height, err
}

// printableImage returns the picture in a form that PDF/A-1 takes. A plain
// JPEG passes as it is; everything else is decoded, laid on white (PDF/A-1
// knows no transparency) and written as an opaque PNG.
func printableImage(data []byte) (out []byte, kind string, cfg image.Config, err error) {
	if len(data) > MaxImageBytes {
		return nil, "", cfg, sei.Errorf(CodeBadImage, "A imagem tem %d MB; o limite é %d MB. Reduza-a antes de inserir.", len(data)>>20, MaxImageBytes>>20)
	}
	cfg, kind, err = image.DecodeConfig(bytes.NewReader(data))
	if err != nil || kind != "png" && kind != "jpeg" {
		return nil, "", cfg, sei.Wrap(err, CodeBadImage, "A imagem não é PNG nem JPEG, ou está danificada. Converta-a antes de inserir.")
	}
	if cfg.Width < 1 || cfg.Height < 1 || cfg.Width*cfg.Height > MaxImagePixels {
		return nil, "", cfg, sei.Errorf(CodeBadImage, "A imagem tem %d × %d pontos; o limite é de %d milhões. Reduza-a antes de inserir.", cfg.Width, cfg.Height, MaxImagePixels/1_000_000)
	}
	img, err := decodeImage(data, kind)
	if err != nil {
		return nil, "", cfg, sei.Wrap(err, CodeBadImage, "A imagem está danificada. Insira-a de novo.")
	}
	turn := 1
	if kind == "jpeg" {
		turn = exifOrientation(data)
		if turn == 1 && (cfg.ColorModel == color.YCbCrModel || cfg.ColorModel == color.GrayModel) {
			return data, "jpeg", cfg, nil
		}
	}
	flat := upright(img, turn)
	cfg.Width, cfg.Height = flat.Bounds().Dx(), flat.Bounds().Dy()
	var buf bytes.Buffer
	if err := png.Encode(&buf, flat); err != nil {
		return nil, "", cfg, sei.Wrap(err, CodeBadImage, "A imagem não pôde ser convertida. Insira-a em outro formato.")
	}
	return buf.Bytes(), "png", cfg, nil
}

func decodeImage(data []byte, kind string) (image.Image, error) {
	if kind == "png" {
		return png.Decode(bytes.NewReader(data))
	}
	return jpeg.Decode(bytes.NewReader(data))
}

// upright lays the picture on white, turned as a camera's orientation (1 to
// 8, as in Exif) says.
func upright(src image.Image, orientation int) *image.NRGBA {
	b := src.Bounds()
	flat := image.NewNRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(flat, flat.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(flat, flat.Bounds(), src, b.Min, draw.Over)
	if orientation == 1 {
		return flat
	}
	w, h := b.Dx(), b.Dy()
	if orientation >= 5 {
		w, h = h, w
	}
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			sx, sy := source(orientation, x, y, w, h)
			out.SetNRGBA(x, y, flat.NRGBAAt(sx, sy))
		}
	}
	return out
}

// source is where the upright picture's point comes from in the stored one.
func source(orientation, x, y, w, h int) (int, int) {
	switch orientation {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return y, w - 1 - x
	case 7:
		return h - 1 - y, w - 1 - x
	case 8:
		return h - 1 - y, x
	}
	return x, y
}

// exifOrientation reads how a camera held the picture (Exif 2.3, tag 0x0112),
// 1 when it does not say.
func exifOrientation(data []byte) int {
	for i := 2; i+4 <= len(data) && data[i] == 0xFF && data[i+1] != 0xDA; {
		size := int(data[i+2])<<8 | int(data[i+3])
		end := i + 2 + size
		if size < 2 || end > len(data) {
			break
		}
		if seg := data[i+4 : end]; data[i+1] == 0xE1 && bytes.HasPrefix(seg, []byte("Exif\x00\x00")) {
			return tiffOrientation(seg[6:])
		}
		i = end
	}
	return 1
}

func tiffOrientation(t []byte) int {
	if len(t) < 8 {
		return 1
	}
	u16 := func(i int) int { return int(t[i])<<8 | int(t[i+1]) }
	if t[0] == 'I' {
		u16 = func(i int) int { return int(t[i+1])<<8 | int(t[i]) }
	}
	u32 := func(i int) int {
		if t[0] == 'I' {
			return u16(i+2)<<16 | u16(i)
		}
		return u16(i)<<16 | u16(i+2)
	}
	at := u32(4)
	if at < 8 || at+2 > len(t) {
		return 1
	}
	for n := u16(at); n > 0 && at+2+12 <= len(t); n, at = n-1, at+12 {
		if u16(at+2) == 0x0112 {
			if v := u16(at + 10); v >= 1 && v <= 8 {
				return v
			}
		}
	}
	return 1
}
