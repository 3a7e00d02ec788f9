package seal

import (
	"encoding/binary"
	"fmt"
	"io"
	"time"
)

const (
	wrapLabel   = "tims/wrap/1\n"
	wrapVersion = 1
	wrapHeader  = 1 + 1 + 2 + 1
	wrapSize    = wrapHeader + nonceSize + len(Key{}) + tagSize
)

// A BucketID names a bucket key: the log, the retention class, the latest lawful month of expiry and the generation, which
// grows by one each time the key is made anew. Destroying a bucket key is the backstop that ends forgotten copies.
type BucketID struct {
	Origin     string // 1 to MaxOrigin bytes
	Class      byte   // retention class, opaque here
	Month      uint16 // months since January 2000
	Generation byte
}

// MonthOf counts months since January 2000, up to December 7461.
func MonthOf(year int, month time.Month) (uint16, error) {
	m := (year-2000)*12 + int(month) - 1
	if month < time.January || month > time.December || m < 0 || m > 0xffff {
		return 0, fmt.Errorf("month %d of %d: out of range", month, year)
	}
	return uint16(m), nil
}

// header appends the part of a bucket's name that a wrap states: class ‖ month ‖ generation.
func (b BucketID) header(dst []byte) []byte {
	dst = append(dst, b.Class)
	dst = binary.BigEndian.AppendUint16(dst, b.Month)
	return append(dst, b.Generation)
}

func (b BucketID) wrapAD(at Address) []byte { return b.header(at.ad(wrapLabel)) }

// WrapKey wraps a part key under a bucket key: version 1 ‖ class ‖ uint16 month ‖ generation ‖ nonce(12) ‖
// AES-256-GCM(part key), 65 bytes, bound to the part's address and the bucket. Bucket and part belong to one log.
func WrapKey(rand io.Reader, bucketKey Key, bucket BucketID, at Address, partKey Key) ([]byte, error) {
	if err := at.check(); err != nil {
		return nil, fmt.Errorf("wrap part key: %w", err)
	}
	if bucket.Origin != at.Origin {
		return nil, fmt.Errorf("wrap part key: bucket of another log: %w", ErrMalformed)
	}
	head := bucket.header(append(make([]byte, 0, wrapSize), wrapVersion))
	wrap, err := sealTo(head, rand, bucketKey, partKey[:], bucket.wrapAD(at))
	if err != nil {
		return nil, fmt.Errorf("wrap part key: %w", err)
	}
	return wrap, nil
}

// ParseWrap tells which bucket key opens a wrap that lies beside the log of origin. What it says is only claimed until
// UnwrapKey has opened the wrap.
func ParseWrap(origin string, wrap []byte) (BucketID, error) {
	if err := checkOrigin(origin); err != nil {
		return BucketID{}, fmt.Errorf("read wrap: %w", err)
	}
	if len(wrap) != wrapSize || wrap[0] != wrapVersion {
		return BucketID{}, fmt.Errorf("read wrap of %d bytes: %w", len(wrap), ErrMalformed)
	}
	return BucketID{
		Origin:     origin,
		Class:      wrap[1],
		Month:      binary.BigEndian.Uint16(wrap[2:]),
		Generation: wrap[4],
	}, nil
}

// UnwrapKey opens a wrap made by WrapKey for the part at this address.
func UnwrapKey(bucketKey Key, at Address, wrap []byte) (Key, error) {
	bucket, err := ParseWrap(at.Origin, wrap)
	if err != nil {
		return Key{}, fmt.Errorf("unwrap part key: %w", err)
	}
	plain, err := openFrom(bucketKey, wrap[wrapHeader:], bucket.wrapAD(at))
	if err != nil {
		return Key{}, fmt.Errorf("unwrap part key: %w", err)
	}
	return Key(plain), nil
}
