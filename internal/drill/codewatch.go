package drill

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"log"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// discarded is the journal of listeners whose callers come to do harm.
var discarded = log.New(io.Discard, "", 0)

// A codeWatch is what could be run on the country's machines before programs are offered to its nodes, and what is seen to run meanwhile.
type codeWatch struct {
	files    map[string][32]byte // executable files in the country's directory, below which all nodes lie
	programs map[string][32]byte // what each process runs, by its path

	looks     atomic.Int64
	stop      chan struct{}
	ended     chan struct{}
	mu        sync.Mutex
	children  map[string]bool // processes that a node has started, in words
	mapped    map[string]bool // files that a node runs code from, in words, and that none did before
	libraries map[string]bool // that nodes ran code from before: a program may have been linked with some
}

// lookAtCode reads what can be run now.
func (r *run) lookAtCode() (*codeWatch, error) {
	w := &codeWatch{files: map[string][32]byte{}, programs: map[string][32]byte{}, stop: make(chan struct{}), ended: make(chan struct{}),
		children: map[string]bool{}, mapped: map[string]bool{}, libraries: map[string]bool{}}
	if err := w.read(r.Dir); err != nil {
		return nil, err
	}
	for pid := range r.running() {
		maps.Copy(w.libraries, codeOf(pid))
		path := readLink(osFile(pid, "exe"))
		if _, known := w.programs[path]; known || path == "" {
			continue
		}
		b, err := os.ReadFile(osFile(pid, "exe"))
		if err != nil {
			return nil, err
		}
		w.programs[path] = sha256.Sum256(b)
	}
	return w, nil
}

// read notes every file below a directory that somebody could run: by its permissions, or by its first bytes.
func (w *codeWatch) read(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil // a write-ahead log that was folded in meanwhile
		}
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if os.IsNotExist(err) {
			return nil
		}
		if err != nil {
			return err
		}
		b, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			return nil
		}
		if err == nil && (info.Mode()&0o111 != 0 || bytes.HasPrefix(b, []byte("\x7fELF")) || bytes.HasPrefix(b, []byte("#!/"))) {
			w.files[path] = sha256.Sum256(b)
		}
		return err
	})
}

// watch looks at the nodes' processes again and again until end.
func (w *codeWatch) watch(running func() map[int]string) {
	defer close(w.ended)
	for {
		w.look(running())
		select {
		case <-w.stop:
			return
		case <-time.After(codeEvery):
		}
	}
}

func (w *codeWatch) end() {
	close(w.stop)
	<-w.ended
}

// look notes what every node's process has started and what it runs code from.
func (w *codeWatch) look(nodes map[int]string) {
	all, err := os.ReadDir("/proc")
	if err != nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range all {
		pid, err := strconv.Atoi(p.Name())
		if err != nil {
			continue
		}
		if name, ok := nodes[parentOf(pid)]; ok {
			w.children[fmt.Sprintf("%s has started %q", name, readLink(osFile(pid, "exe")))] = true
		}
	}
	for pid, name := range nodes {
		code := codeOf(pid)
		if len(code) == 0 {
			continue // it has just ended
		}
		w.looks.Add(1)
		for file := range code {
			if !w.libraries[file] {
				w.mapped[fmt.Sprintf("%s runs code from %s", name, file)] = true
			}
		}
	}
}

// codeOf lists the files that a process runs code from, its program among them.
func codeOf(pid int) map[string]bool {
	out := map[string]bool{}
	b, _ := os.ReadFile(osFile(pid, "maps")) // nothing of one that has ended
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) >= 6 && strings.Contains(f[1], "x") && strings.HasPrefix(f[5], "/") {
			out[f[5]] = true
		}
	}
	return out
}

// parentOf is the process that started another, 0 where it is not known.
func parentOf(pid int) int {
	b, err := os.ReadFile(osFile(pid, "stat"))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(b[bytes.LastIndexByte(b, ')')+1:]), " ") // the name before may hold anything
	if f := strings.Fields(rest); len(f) > 1 {
		parent, _ := strconv.Atoi(f[1])
		return parent
	}
	return 0
}

// changed says what can be run after that could not be before, and what was seen to run.
func (w *codeWatch) changed(after *codeWatch) (out []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	out = slices.Sorted(maps.Keys(w.children))
	out = append(out, slices.Sorted(maps.Keys(w.mapped))...)
	for path, sum := range after.files {
		if w.files[path] != sum {
			out = append(out, "a file that can be run is new or another: "+path)
		}
	}
	for path, sum := range after.programs {
		if w.programs[path] != sum {
			out = append(out, "the program that nodes run is another: "+path)
		}
	}
	return out
}
