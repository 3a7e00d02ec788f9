package lists

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// An element is one party or reference value of a list, read whole. Names are without their name space.
type element struct {
	name  string
	attrs map[string]string
	text  string
	kids  []*element
	line  int // in the file, of the outermost alone
}

// kid returns the first child of a name; its methods may be called where there is none.
func (e *element) kid(name string) *element {
	if e != nil {
		for _, k := range e.kids {
			if k.name == name {
				return k
			}
		}
	}
	return nil
}

func (e *element) each(name string) (found []*element) {
	if e != nil {
		for _, k := range e.kids {
			if k.name == name {
				found = append(found, k)
			}
		}
	}
	return found
}

// deep returns all descendants of a name.
func (e *element) deep(name string) (found []*element) {
	if e == nil {
		return nil
	}
	for _, k := range e.kids {
		if k.name == name {
			found = append(found, k)
		}
		found = append(found, k.deep(name)...)
	}
	return found
}

func (e *element) value() string {
	if e == nil {
		return ""
	}
	return oneLine(e.text)
}

func (e *element) attr(name string) string {
	if e == nil {
		return ""
	}
	return oneLine(e.attrs[name])
}

// A cutter finds the elements of given names in a stream and reads each by itself, so that one that is not well-formed
// costs nobody but itself, and no more of the list is held than one of them. It looks at tags alone; what stands in an
// element is judged by encoding/xml, which knows no entities but XML's own five.
type cutter struct {
	in     *bufio.Reader
	line   int
	names  map[string]bool
	root   string
	opened bool
	open   string // the element being taken, "" between them
	began  int    // its line
	taken  bytes.Buffer
	n      int
	each   func(*element) error
	fault  func(line int, why string)
}

// eachElement reads a list of XML. whole says that the root element was closed: nothing is missing behind what was read.
// A root of another name is ErrInput.
func eachElement(r io.Reader, root string, names []string, each func(*element) error, fault func(line int, why string)) (whole bool, err error) {
	text, err := utf8Text(r)
	if err != nil {
		return false, err
	}
	c := &cutter{in: bufio.NewReaderSize(text, maxTag), line: 1, names: map[string]bool{}, root: root, each: each, fault: fault}
	for _, n := range names {
		c.names[n] = true
	}
	for {
		if err := c.skipText(); err != nil {
			return false, c.end(err)
		}
		tag, err := c.readTag()
		if err != nil {
			return false, c.end(err)
		}
		whole, err := c.take(tag)
		if whole || err != nil {
			return whole, err
		}
	}
}

// end judges why reading stopped.
func (c *cutter) end(err error) error {
	switch {
	case !brokenOff(err):
		return fmt.Errorf("reading line %d: %w", c.line, err)
	case !c.opened:
		return fmt.Errorf("%w: no element %s", ErrInput, c.root)
	case c.open != "":
		c.fault(c.began, "broken off")
	}
	return nil
}

// keep holds bytes of the element being taken, up to its bound; take sees what is too much.
func (c *cutter) keep(b []byte) {
	c.line += bytes.Count(b, []byte{'\n'})
	if c.open != "" && c.taken.Len() <= maxElement {
		c.taken.Write(b)
	}
}

// skipText reads up to the next "<".
func (c *cutter) skipText() error {
	for {
		b, err := c.in.ReadSlice('<')
		if err == nil {
			c.keep(b[:len(b)-1])
			return c.in.UnreadByte()
		}
		c.keep(b)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// readTag reads from "<" to the ">" that ends a tag, a comment, a CDATA section or an instruction. In a tag a second "<" is
// no XML and begins anew.
func (c *cutter) readTag() ([]byte, error) {
	for _, special := range [][2]string{{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}} {
		if head, err := c.in.Peek(len(special[0])); err == nil && string(head) == special[0] {
			return nil, c.passTo(special[1])
		}
	}
	tag, quote := make([]byte, 0, 128), byte(0)
	for {
		b, err := c.in.ReadByte()
		if err != nil {
			return nil, err
		}
		if b == '<' && len(tag) > 0 {
			c.spoilt(tag)
			return nil, c.in.UnreadByte()
		}
		tag = append(tag, b)
		switch {
		case quote != 0:
			if b == quote {
				quote = 0
			}
		case b == '"' || b == '\'':
			quote = b
		case b == '>':
			return tag, nil
		}
		if len(tag) > maxTag {
			c.spoilt(tag)
			return nil, nil
		}
	}
}

// spoilt passes over a tag that is none. Where it was to begin an element, that one is lost.
func (c *cutter) spoilt(tag []byte) {
	if name, closing, _ := tagName(tag); c.open == "" && c.opened && !closing && c.names[name] {
		c.fault(c.line, "not well-formed")
	}
	c.keep(tag)
}

// passTo reads through the end of a comment, a section or an instruction.
func (c *cutter) passTo(end string) error {
	last := end[len(end)-1]
	var tail []byte
	for {
		b, err := c.in.ReadSlice(last)
		c.keep(b)
		tail = append(tail, b...)
		tail = tail[max(0, len(tail)-len(end)):]
		if string(tail) == end {
			return nil
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

func tagName(tag []byte) (name string, closing, empty bool) {
	s := string(bytes.Trim(tag, "<>"))
	s, closing = strings.CutPrefix(s, "/")
	empty = strings.HasSuffix(s, "/")
	if i := strings.IndexAny(s, " \t\r\n/"); i >= 0 {
		s = s[:i]
	}
	if _, local, ok := strings.Cut(s, ":"); ok {
		s = local
	}
	return s, closing, empty
}

// take looks at one tag.
func (c *cutter) take(tag []byte) (whole bool, err error) {
	if tag == nil {
		return false, nil
	}
	name, closing, empty := tagName(tag)
	wanted := c.names[name]
	switch {
	case !c.opened:
		c.keep(tag)
		if c.opened = name == c.root; !c.opened && tag[1] != '!' {
			return false, fmt.Errorf("%w: no element %s", ErrInput, c.root)
		}
		return false, nil
	case name == c.root && closing:
		if c.open != "" {
			c.fault(c.began, "not closed")
		}
		return true, nil
	case wanted && !closing:
		if c.open != "" {
			c.fault(c.began, "not closed")
		}
		c.taken.Reset()
		c.open, c.began = name, c.line
		c.keep(tag)
		if !empty {
			return false, nil
		}
	case c.open == "" || name != c.open:
		c.keep(tag)
		return false, nil
	default:
		c.keep(tag)
	}
	return false, c.finish()
}

// finish reads the element that was taken.
func (c *cutter) finish() error {
	line := c.began
	c.open = ""
	if c.n++; c.n > maxElements {
		return fmt.Errorf("%w: more than %d elements", ErrInput, maxElements)
	}
	if c.taken.Len() > maxElement {
		c.fault(line, "an element too large")
		return nil
	}
	e, err := parseElement(c.taken.Bytes())
	if err != nil {
		c.fault(line, "not well-formed")
		return nil
	}
	e.line = line
	return c.each(e)
}

var errElement = errors.New("not one element")

func parseElement(raw []byte) (*element, error) {
	d := xml.NewDecoder(bytes.NewReader(raw))
	var stack []*element
	for {
		token, err := d.RawToken() // the tags are matched below, the name spaces do not matter
		if err != nil {
			return nil, err
		}
		switch x := token.(type) {
		case xml.StartElement:
			if len(stack) == maxDepth {
				return nil, errElement
			}
			e := &element{name: x.Name.Local, attrs: map[string]string{}}
			for _, a := range x.Attr {
				e.attrs[a.Name.Local] = a.Value
			}
			if len(stack) > 0 {
				top := stack[len(stack)-1]
				top.kids = append(top.kids, e)
			}
			stack = append(stack, e)
		case xml.CharData:
			if len(stack) > 0 {
				stack[len(stack)-1].text += string(x)
			}
		case xml.EndElement:
			if len(stack) == 0 || stack[len(stack)-1].name != x.Name.Local {
				return nil, errElement
			}
			if len(stack) == 1 {
				return stack[0], nil
			}
			stack = stack[:len(stack)-1]
		}
	}
}
