package main

import (
	"bytes"
	"image"
	"image/color"
	"image/png"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// A sheet is a picture made of rows of small pictures with words beside them.
type sheet struct {
	rows   []sheetRow
	margin int // room at the left of each row for its words
	footer []string
}

type sheetRow struct {
	words []string // lines at the left
	tiles []tile
}

// A tile is a small picture and its title, which may be empty.
type tile struct {
	title   string
	picture *image.Gray
}

const (
	gap      = 10 // pixels between tiles
	lineHigh = 18
)

var paper, ink = color.White, color.RGBA{0x20, 0x20, 0x20, 0xff}

// draw returns the sheet as one picture.
func (s *sheet) draw() (*image.RGBA, error) {
	face, err := newFace()
	if err != nil {
		return nil, err
	}
	width, height := 0, gap
	for _, r := range s.rows {
		w, h := r.size()
		width, height = max(width, s.margin+w), height+h
	}
	for _, line := range s.footer {
		width = max(width, 2*gap+font.MeasureString(face, line).Ceil())
	}
	height += lineHigh * len(s.footer)
	out := image.NewRGBA(image.Rect(0, 0, width+gap, height+gap))
	draw.Draw(out, out.Rect, image.NewUniform(paper), image.Point{}, draw.Src)
	text := font.Drawer{Dst: out, Src: image.NewUniform(ink), Face: face}
	write := func(x, y int, words string) {
		text.Dot = fixed.P(x, y)
		text.DrawString(words)
	}
	y := gap
	for _, r := range s.rows {
		for i, line := range r.words {
			write(gap, y+(i+1)*lineHigh, line)
		}
		x := s.margin + gap
		for _, t := range r.tiles {
			top := y
			if t.title != "" {
				write(x, y+lineHigh-5, t.title)
				top += lineHigh
			}
			draw.Draw(out, t.picture.Rect.Add(image.Pt(x, top)), t.picture, t.picture.Rect.Min, draw.Src)
			x += t.picture.Rect.Dx() + gap
		}
		_, h := r.size()
		y += h
	}
	for i, line := range s.footer {
		write(gap, y+(i+1)*lineHigh-5, line)
	}
	return out, nil
}

// size returns the width of the row's tiles and its height, each with gaps.
func (r sheetRow) size() (width, height int) {
	width, height = gap, lineHigh*len(r.words)
	for _, t := range r.tiles {
		h := t.picture.Rect.Dy()
		if t.title != "" {
			h += lineHigh
		}
		width, height = width+t.picture.Rect.Dx()+gap, max(height, h)
	}
	return width, height + gap
}

func newFace() (font.Face, error) {
	f, err := opentype.Parse(goregular.TTF)
	if err != nil {
		return nil, err
	}
	return opentype.NewFace(f, &opentype.FaceOptions{Size: 13, DPI: 72, Hinting: font.HintingFull})
}

// savePNG writes a picture.
func savePNG(path string, picture image.Image) error {
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		return err
	}
	return replaceFile(path, b.Bytes())
}

// grey makes a picture of the values v, one for each pixel, black at lo and
// white at hi, and what is beyond as those.
func grey(v []float32, height, width int, lo, hi float32) *image.Gray {
	out := image.NewGray(image.Rect(0, 0, width, height))
	for i, x := range v {
		if hi > lo {
			out.Pix[i] = uint8(255*min(max((x-lo)/(hi-lo), 0), 1) + 0.5)
		}
	}
	return out
}

// resized returns the picture at another size: with pixels to be seen if it is
// to be larger, and smooth if it is to be smaller.
func resized(p *image.Gray, height, width int) *image.Gray {
	if p.Rect.Dx() == width && p.Rect.Dy() == height {
		return p
	}
	out := image.NewGray(image.Rect(0, 0, width, height))
	var s draw.Scaler = draw.NearestNeighbor
	if width < p.Rect.Dx() {
		s = draw.CatmullRom
	}
	s.Scale(out, out.Rect, p, p.Rect, draw.Src, nil)
	return out
}

// within returns the size of a picture shrunk, if it must be, so that neither
// side is longer than most.
func within(r image.Rectangle, most int) (height, width int) {
	h, w := r.Dy(), r.Dx()
	long := max(h, w)
	if long <= most {
		return h, w
	}
	return max(1, h*most/long), max(1, w*most/long)
}
