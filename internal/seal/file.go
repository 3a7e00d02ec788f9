package seal

import (
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
)

const (
	fileLabel = "tims/file/1\n"
	fileSalt  = 32
	lastFrame = 1 << 63
)

// A FileWriter seals a file of a node's own that may be large: a salt of 32 bytes, then frames of fileFrame bytes (the last one
// shorter, or empty), each AES-256-GCM under HMAC-SHA-256(key, "tims/file/1\n" ‖ salt), additional data "tims/file/1\n". A frame's
// nonce is four zero bytes and its number from 0, with the top bit set in the last: frames cannot be left out, exchanged or cut off.
type FileWriter struct {
	w     io.Writer
	aead  cipher.AEAD
	buf   []byte
	frame uint64
}

// NewFileWriter begins a file. It is whole once it was closed.
func NewFileWriter(w io.Writer, rand io.Reader, key Key) (*FileWriter, error) {
	salt := make([]byte, fileSalt)
	if _, err := io.ReadFull(rand, salt); err != nil {
		return nil, fmt.Errorf("draw salt: %w", err)
	}
	if _, err := w.Write(salt); err != nil {
		return nil, err
	}
	return &FileWriter{w: w, aead: fileAEAD(key, salt), buf: make([]byte, 0, fileFrame+tagSize)}, nil
}

func fileAEAD(key Key, salt []byte) cipher.AEAD {
	mac := hmac.New(sha256.New, key[:])
	mac.Write([]byte(fileLabel))
	mac.Write(salt)
	return gcm(Key(mac.Sum(nil)))
}

func frameNonce(n uint64) []byte { return binary.BigEndian.AppendUint64(make([]byte, 4, nonceSize), n) }

// Write seals what fills a frame and keeps the rest.
func (f *FileWriter) Write(b []byte) (int, error) {
	n := len(b)
	for len(b) > 0 {
		if len(f.buf) == fileFrame {
			if err := f.flush(f.frame); err != nil {
				return n - len(b), err
			}
		}
		some := min(len(b), fileFrame-len(f.buf))
		f.buf, b = append(f.buf, b[:some]...), b[some:]
	}
	return n, nil
}

// Close seals the last frame. It does not close what lies below.
func (f *FileWriter) Close() error { return f.flush(f.frame | lastFrame) }

func (f *FileWriter) flush(number uint64) error {
	_, err := f.w.Write(f.aead.Seal(f.buf[:0], frameNonce(number), f.buf, []byte(fileLabel)))
	f.buf, f.frame = f.buf[:0], f.frame+1
	return err
}

// OpenFile opens a sealed file in the place where it lies.
func OpenFile(key Key, data []byte) ([]byte, error) {
	if len(data) < fileSalt+tagSize {
		return nil, fmt.Errorf("open file of %d bytes: %w", len(data), ErrMalformed)
	}
	aead, in, end := fileAEAD(key, data[:fileSalt]), fileSalt, 0
	for number := uint64(0); ; number++ {
		to := min(in+fileFrame+tagSize, len(data))
		if to == len(data) {
			number |= lastFrame
		}
		if to-in < tagSize {
			return nil, fmt.Errorf("open file: %w", ErrNotOpened)
		}
		plain, err := aead.Open(data[in:in], frameNonce(number), data[in:to], []byte(fileLabel))
		if err != nil {
			return nil, fmt.Errorf("open file: %w", ErrNotOpened)
		}
		end += copy(data[end:], plain)
		if in = to; to == len(data) {
			return data[:end], nil
		}
	}
}
