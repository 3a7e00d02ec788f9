package drill

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// A process is one node as the operating system sees it. Like the service manager of a real machine it starts the node again
// whenever it ends without having been told to.
type process struct {
	command func() *exec.Cmd
	journal string // file that standard error is appended to

	mu     sync.Mutex
	cmd    *exec.Cmd
	ended  chan struct{} // closed when cmd has ended
	wanted bool          // it is to run: started again when it ends
	starts int
}

// start runs the process and keeps it running.
func (p *process) start() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wanted = true
	if p.cmd != nil {
		return nil
	}
	return p.launch()
}

// launch starts it once. The caller holds p.mu.
func (p *process) launch() error {
	if err := os.MkdirAll(filepath.Dir(p.journal), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(p.journal, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close() // the child has its own
	c := p.command()
	c.Stderr = f
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // an interrupt at the keyboard is for the exercise, which ends its nodes itself
	if err := c.Start(); err != nil {
		return fmt.Errorf("start a node: %w", err)
	}
	p.cmd, p.ended, p.starts = c, make(chan struct{}), p.starts+1
	go p.watch(c, p.ended)
	return nil
}

func (p *process) watch(c *exec.Cmd, ended chan struct{}) {
	c.Wait()
	p.mu.Lock()
	p.cmd = nil
	close(ended)
	p.mu.Unlock()
	time.Sleep(restartAfter)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.wanted && p.cmd == nil {
		p.launch() // one that cannot be started shows as a node that does not answer
	}
}

// signal sends a signal to the running process and says whether there was one.
func (p *process) signal(s syscall.Signal) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cmd != nil && p.cmd.Process.Signal(s) == nil
}

// crash kills it without warning; it is started again like any crashed service.
func (p *process) crash() bool { return p.signal(syscall.SIGKILL) }

// kill ends it without warning and for good, and waits until it is gone.
func (p *process) kill() { p.end(syscall.SIGKILL) }

// stop ends it as a service manager does.
func (p *process) stop() { p.end(syscall.SIGTERM) }

func (p *process) end(s syscall.Signal) {
	p.mu.Lock()
	p.wanted = false
	c, ended := p.cmd, p.ended
	if c != nil {
		c.Process.Signal(s)
		c.Process.Signal(syscall.SIGCONT) // one that was stopped hears nothing before
	}
	p.mu.Unlock()
	if c == nil {
		return
	}
	select {
	case <-ended:
	case <-time.After(stopWithin):
		c.Process.Kill()
		<-ended
	}
}

// pid is the number of the running process, 0 for none.
func (p *process) pid() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil {
		return 0
	}
	return p.cmd.Process.Pid
}

// until waits for something, looking often.
func until(ctx context.Context, within time.Duration, what string, done func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for !done() {
		select {
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return fmt.Errorf("%s: not within %v", what, within)
			}
			return ctx.Err()
		case <-time.After(lookEvery):
		}
	}
	return nil
}

// pause waits, or gives false where the exercise is broken off.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
