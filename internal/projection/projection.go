// Package projection holds the only SQL over crossings: tables folded from opened records, and what the booth and the
// centre ask of them. The log comes first; this shadow may lag, may be deleted, and catches up by itself.
package projection

import (
	"context"
	"crypto/sha256"
	"database/sql"
	_ "embed"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"runtime"

	"github.com/ncruces/go-sqlite3"
	_ "github.com/ncruces/go-sqlite3/driver"  // SQLite without cgo
	_ "github.com/ncruces/go-sqlite3/vfs/xts" // pages encrypted at rest

	"tims/internal/record"
)

//go:embed schema.sql
var schema string

// A DB is the projection of one node. Fold is called by one goroutine; the questions by any number.
type DB struct {
	writer *sql.DB
	write  *sql.Conn // the one connection that writes, used by Fold alone
	folds  map[string]*sqlite3.Stmt
	read   *sql.DB
	asked  statements
	wal    carrying
}

// Open opens or makes the projection in a file, encrypted page by page under key (AES-256-XTS). A file that cannot be read
// under the key is an error: the caller deletes it and folds again.
//
// The file is written with synchronous=NORMAL: a power cut may take the last folds, never the file's soundness, and the
// log gives the folds again.
func Open(path string, key [64]byte) (*DB, error) {
	dsn := "file:" + url.PathEscape(path) + "?vfs=xts&_txlock=immediate" +
		"&_pragma=hexkey('" + hex.EncodeToString(key[:]) + "')" +
		"&_pragma=busy_timeout(10000)&_pragma=journal_mode(wal)&_pragma=synchronous(normal)&_pragma=temp_store(memory)" +
		"&_pragma=cache_size(-32768)&_pragma=wal_autocheckpoint(0)"
	d := &DB{folds: map[string]*sqlite3.Stmt{}, asked: statements{held: map[string]*sql.Stmt{}}}
	err := d.open(dsn)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open projection: %w", err), d.Close())
	}
	return d, nil
}

func (d *DB) open(dsn string) (err error) {
	if d.writer, err = sql.Open("sqlite3", dsn); err != nil {
		return err
	}
	d.writer.SetMaxOpenConns(1)
	if d.write, err = d.writer.Conn(context.Background()); err != nil {
		return err
	}
	if err := d.make(); err != nil {
		return err
	}
	if d.read, err = sql.Open("sqlite3", dsn); err != nil {
		return err
	}
	d.read.SetMaxOpenConns(runtime.GOMAXPROCS(0))
	d.read.SetMaxIdleConns(runtime.GOMAXPROCS(0))
	return nil
}

// make makes the tables, or finds that a program with other tables made them: then the file is of no use to this one.
func (d *DB) make() error {
	ctx, sum := context.Background(), sha256.Sum256([]byte(schema))
	version := int64(binary.BigEndian.Uint32(sum[:]) >> 1)
	var have, tables int64
	if err := d.write.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return err
	}
	if err := d.write.QueryRowContext(ctx, "PRAGMA user_version").Scan(&have); err != nil {
		return err
	}
	if tables > 0 && have == version {
		return d.index(ctx) // what Unindex took off when the node ended
	}
	if tables > 0 {
		return errors.New("its tables are those of another version")
	}
	_, err := d.write.ExecContext(ctx, schema+fmt.Sprintf("\nPRAGMA user_version = %d;", version))
	return err
}

// Close ends all connections.
func (d *DB) Close() error {
	d.wal.under.Wait()
	var errs []error
	for _, s := range d.folds {
		errs = append(errs, s.Close())
	}
	for _, s := range d.asked.held {
		errs = append(errs, s.Close())
	}
	if d.write != nil {
		errs = append(errs, d.write.Close())
	}
	for _, db := range []*sql.DB{d.read, d.writer} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// A Record is a leaf with its parts as far as this node could open them.
type Record struct {
	Origin string
	Node   string // name of the node that wrote it
	Index  uint64
	Leaf   record.Leaf
	Slip   *record.SlipPart
	Person *record.PersonPart
	Police *record.PolicePart
	Deed   []byte           // plain body of the kinds that are kept as deeds
	Grey   *record.GreyBody // of an outcome "other person"
	Why    string           // "" or why it is set aside: WhyKey, WhyPart, WhyKind, WhyBad
}

// Why a record stands aside.
const (
	WhyKey  = "key"  // a key it is sealed under has not reached this node
	WhyPart = "part" // a part has not reached this node
	WhyKind = "kind" // this version does not know the kind
	WhyBad  = "bad"  // leaf or part does not decode, or a part is not the one its leaf names
)

// A Head says how far a log is folded: the index of the first record that is not, and the signed time of the last that is,
// UTC ms.
type Head struct {
	Next    uint64
	Written int64
}

// Folded gives the head of each log.
func (d *DB) Folded(ctx context.Context) (map[string]Head, error) {
	return folded(ctx, d.query)
}

func folded(ctx context.Context, ask asker) (map[string]Head, error) {
	rows, err := ask(ctx, `SELECT origin, next, written FROM folded`)
	if err != nil {
		return nil, fmt.Errorf("read fold heads: %w", err)
	}
	defer rows.Close()
	heads := map[string]Head{}
	for rows.Next() {
		var origin string
		var next, written int64
		if err := rows.Scan(&origin, &next, &written); err != nil {
			return nil, fmt.Errorf("read fold heads: %w", err)
		}
		heads[origin] = Head{uint64(next), written}
	}
	return heads, rows.Err()
}

// Aside counts the records that stand aside, by reason.
func (d *DB) Aside(ctx context.Context) (map[string]int, error) {
	rows, err := d.query(ctx, `SELECT why, count(*) FROM aside GROUP BY why`)
	if err != nil {
		return nil, fmt.Errorf("count records set aside: %w", err)
	}
	defer rows.Close()
	out := map[string]int{}
	for rows.Next() {
		var why string
		var n int
		if err := rows.Scan(&why, &n); err != nil {
			return nil, fmt.Errorf("count records set aside: %w", err)
		}
		out[why] = n
	}
	return out, rows.Err()
}

// Waiting lists records that stand aside for the reason, oldest first, to be offered to Fold again.
func (d *DB) Waiting(ctx context.Context, why string) ([]record.Ref, error) {
	return d.refs(ctx, `SELECT origin, idx FROM aside WHERE why = $1 ORDER BY origin, idx`, why)
}

// Notable lists the records of a kind that are folded, by log and index.
func (d *DB) Notable(ctx context.Context, kind record.Kind) ([]record.Ref, error) {
	return d.refs(ctx, `SELECT origin, idx FROM notable WHERE kind = $1 ORDER BY origin, idx`, int(kind))
}

func (d *DB) refs(ctx context.Context, query string, args ...any) ([]record.Ref, error) {
	rows, err := d.query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("list records: %w", err)
	}
	defer rows.Close()
	var out []record.Ref
	for rows.Next() {
		var r record.Ref
		var idx int64
		if err := rows.Scan(&r.Origin, &idx); err != nil {
			return nil, fmt.Errorf("list records: %w", err)
		}
		r.Index = uint64(idx)
		out = append(out, r)
	}
	return out, rows.Err()
}
