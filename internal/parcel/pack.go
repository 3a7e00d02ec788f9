package parcel

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"tims/internal/tlog"
)

// A pack holds parts of the leaves of one entry bundle, by index and number:
//
//	packMagic, then frames to the end of the file:
//	4 bytes length of the parts, big-endian ‖ parts as they go between nodes ‖ SHA-256
//
// The hash is over packContext ‖ origin ‖ newline ‖ parts. It guards against damage, in particular of wraps, which no leaf
// names; against a courier who means harm the bodies are guarded by their leaves.
const (
	packMagic   = "tims/pack/1\n"
	packContext = "tims/pack-frame/1\n"
)

// ErrPack refuses a pack that is damaged.
var ErrPack = errors.New("a pack of parts is damaged")

func frameHash(origin string, parts []byte) [32]byte {
	h := sha256.New()
	io.WriteString(h, packContext+origin+"\n")
	h.Write(parts)
	return [32]byte(h.Sum(nil))
}

// encodePack writes a pack.
func encodePack(origin string, parts []tlog.IndexedPart) []byte {
	out := []byte(packMagic)
	var frame []byte
	flush := func() {
		if len(frame) > 0 {
			sum := frameHash(origin, frame)
			out = binary.BigEndian.AppendUint32(out, uint32(len(frame)))
			out = append(append(out, frame...), sum[:]...)
			frame = frame[:0]
		}
	}
	for _, p := range parts {
		if frame = p.AppendTo(frame); len(frame) >= frameSize {
			flush()
		}
	}
	flush()
	return out
}

// A packDecoder reads a pack frame by frame and never holds more than one.
type packDecoder struct {
	r      io.Reader
	origin string
}

// decodePack checks the head of a pack.
func decodePack(r io.Reader, origin string) (*packDecoder, error) {
	d := &packDecoder{r: io.LimitReader(r, maxPack), origin: origin}
	head := make([]byte, len(packMagic))
	if _, err := io.ReadFull(d.r, head); err != nil || string(head) != packMagic {
		return nil, ErrPack
	}
	return d, nil
}

// next gives the parts of the next frame, unverified but undamaged, and io.EOF at the end.
func (d *packDecoder) next() ([]tlog.IndexedPart, error) {
	var length [4]byte
	if _, err := io.ReadFull(d.r, length[:]); err == io.EOF {
		return nil, io.EOF
	} else if err != nil {
		return nil, ErrPack
	}
	n := binary.BigEndian.Uint32(length[:])
	if n == 0 || n > maxFrame {
		return nil, ErrPack
	}
	// The buffer grows with what is really there, so that a length alone makes nobody allocate.
	var body bytes.Buffer
	body.Grow(int(min(n+sha256.Size, 64<<10)))
	if _, err := io.CopyN(&body, d.r, int64(n)+sha256.Size); err != nil {
		return nil, ErrPack
	}
	frame := body.Bytes()
	if frameHash(d.origin, frame[:n]) != [32]byte(frame[n:]) {
		return nil, ErrPack
	}
	var parts []tlog.IndexedPart
	for dec := tlog.DecodeParts(bytes.NewReader(frame[:n])); ; {
		p, err := dec.Next()
		if err == io.EOF {
			return parts, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrPack, err)
		}
		if parts = append(parts, p); len(parts) > tlog.PackageSize*tlog.MaxParts {
			return nil, ErrPack
		}
	}
}
