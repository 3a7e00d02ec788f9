package portal

import (
	_ "embed"
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"

	"tims/internal/web"
)

// outlines are coasts and borders by country, as lines "lon,lat" in degrees. data/README.md says where they come from. A country
// without one is drawn by the places alone.
var outlines = map[string]string{"al": albania}

//go:embed data/al.csv
var albania string

// The map's box in units of its drawing. A country is fitted into it with its true proportions.
const (
	mapWidth, mapHeight = 460.0, 640.0
	mapMargin           = 34.0
)

// A chart projects degrees to the drawing: equirectangular, true at the middle latitude, which errs by a few per mille over a
// country of this size.
type chart struct{ lon, lat, scale, squeeze, dx, dy float64 }

func chartOf(points [][2]float64) chart {
	west, east, south, north := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, q := range points {
		west, east, south, north = min(west, q[0]), max(east, q[0]), min(south, q[1]), max(north, q[1])
	}
	c := chart{lon: west, lat: north, squeeze: math.Cos((south + north) / 2 * math.Pi / 180)}
	wide, high := max((east-west)*c.squeeze, 0.01), max(north-south, 0.01)
	c.scale = min((mapWidth-2*mapMargin)/wide, (mapHeight-2*mapMargin)/high)
	c.dx, c.dy = (mapWidth-wide*c.scale)/2, (mapHeight-high*c.scale)/2
	return c
}

func (c chart) at(lon, lat float64) (x, y float64) {
	return c.dx + (lon-c.lon)*c.squeeze*c.scale, c.dy + (c.lat-lat)*c.scale
}

// outlinePoints reads an outline.
func outlinePoints(text string) (out [][2]float64) {
	for line := range strings.Lines(text) {
		lon, lat, ok := strings.Cut(strings.TrimSpace(line), ",")
		x, err1 := strconv.ParseFloat(lon, 64)
		y, err2 := strconv.ParseFloat(lat, 64)
		if ok && err1 == nil && err2 == nil {
			out = append(out, [2]float64{x, y})
		}
	}
	return out
}

// mapSVG draws the crossings that have a place, each a link to its line in the list: a mark whose shape says the state, and its
// name. Colours come from classes alone.
func mapSVG(country, title string, rows []row) template.HTML {
	border := outlinePoints(outlines[country])
	points := border
	for _, r := range rows {
		if r.Lat != nil {
			points = append(points[:len(points):len(points)], [2]float64{*r.Lon, *r.Lat})
		}
	}
	if len(points) == 0 {
		return ""
	}
	c := chartOf(points)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="map" viewBox="0 0 %.0f %.0f" role="group" aria-label="%s">`, mapWidth, mapHeight, template.HTMLEscapeString(title))
	if len(border) > 0 {
		b.WriteString(`<path class="land" d="`)
		for i, q := range border {
			x, y := c.at(q[0], q[1])
			fmt.Fprintf(&b, "%c%.1f %.1f", "ML"[min(i, 1)], x, y)
		}
		b.WriteString(`Z"/>`)
	}
	for _, r := range rows {
		if r.Lat != nil {
			x, y := c.at(*r.Lon, *r.Lat)
			mark(&b, r, x, y)
		}
	}
	b.WriteString("</svg>")
	return template.HTML(b.String())
}

// mark draws one crossing, its name towards the middle of the map.
func mark(b *strings.Builder, r row, x, y float64) {
	anchor, dx := "start", 15.0
	if x > mapWidth/2 {
		anchor, dx = "end", -15
	}
	label := template.HTMLEscapeString(r.Label)
	fmt.Fprintf(b, `<a class="mark %s" href="#post-%s"><title>%s: %s</title>`, r.Level, r.Node, label, template.HTMLEscapeString(r.Word))
	fmt.Fprintf(b, `<g transform="translate(%.1f %.1f)">`, x-11, y-11)
	icon := strings.Replace(string(web.Icon(string(r.Level))), `class="icon"`, `class="icon" width="22" height="22"`, 1)
	fmt.Fprintf(b, `%s</g><text x="%.1f" y="%.1f" text-anchor="%s">%s</text></a>`, icon, x+dx, y+5, anchor, label)
}
