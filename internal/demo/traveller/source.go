package traveller

import (
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"tims/internal/border"
)

// Options of a source.
type Options struct {
	Start    time.Time      // when traffic begins
	Location *time.Location // of the country; nil is UTC
	Posts    []string       // of the four; nil is all
	Stay     time.Duration  // mean time until a party comes back; zero is 90 s, so that a demonstration sees returns
	Listed   []Listed       // see Watch
	NoFaults bool           // every zone is valid and in date
}

// A Source invents parties. It is not safe for concurrent use: the order of its calls is part of what it answers.
type Source struct {
	rng     *rand.Rand
	loc     *time.Location
	start   time.Time
	stay    time.Duration
	posts   []string
	today   border.Date // latest day of any call: documents are valid beyond it
	sound   bool        // no faults
	listed  []Listed
	series  map[string]*series
	queues  map[string]*queue
	pending int
	trips   uint64
}

// New makes a source. An unknown post is an error.
func New(seed uint64, o Options) (*Source, error) {
	s := &Source{
		rng: rand.New(rand.NewPCG(seed, 0x7472617665)), loc: o.Location, start: o.Start, stay: o.Stay, sound: o.NoFaults,
		posts: slices.Clone(o.Posts), series: map[string]*series{}, queues: map[string]*queue{},
	}
	if s.loc == nil {
		s.loc = time.UTC
	}
	if s.stay <= 0 {
		s.stay = 90 * time.Second
	}
	if len(s.posts) == 0 {
		s.posts = []string{Kakavija, Durres, Rinas, Morina}
	}
	for _, post := range s.posts {
		if _, ok := profiles[post]; !ok {
			return nil, errors.New("invent travellers: unknown post")
		}
		s.queues[post] = &queue{}
	}
	s.today = s.day(o.Start)
	s.Watch(o.Listed)
	return s, nil
}

// Post draws a post by its share of the country's traffic.
func (s *Source) Post() string {
	return s.posts[s.weighted(len(s.posts), func(i int) float64 { return profiles[s.posts[i]].traffic })]
}

// Next gives the party that arrives now at one of the source's posts: one that comes back, or a new one. Calls go forward
// in time. It is taken to pass unless TurnedBack says otherwise.
func (s *Source) Next(now time.Time, post string) Party {
	s.today = max(s.today, s.day(now))
	q := s.queues[post]
	t := q.due(now)
	// New people keep coming while others are due, but a queue that grows is served first.
	if t == nil || len(*q) < maxPending/2 && s.chance(0.2) {
		t = s.begin(post)
	} else {
		s.take(q)
	}
	p := s.step(t, now, post)
	if t.legs == 0 && s.chance(t.again()) {
		t.legs = 2
	}
	if t.legs > 0 {
		s.wait(t, s.returnPost(t, post), now.Add(s.absence()))
	}
	return p
}

// TurnedBack says that a party was not let through, and so will not come back from where it never went.
func (s *Source) TurnedBack(trip uint64) {
	for _, post := range s.posts {
		if s.queues[post].remove(trip) {
			s.pending--
			return
		}
	}
}

// absence is the demonstration's time between two crossings of a party.
func (s *Source) absence() time.Duration {
	d := time.Duration(s.rng.ExpFloat64() * float64(s.stay))
	return max(s.stay/8, min(8*s.stay, d))
}

func (s *Source) day(t time.Time) border.Date { return border.DayAt(t.UnixMilli(), s.loc) }

func (s *Source) chance(p float64) bool { return s.rng.Float64() < p }

func (s *Source) below(n int) int { return s.rng.IntN(n) }

// between includes both ends.
func (s *Source) between(from, to int) int { return from + s.rng.IntN(to-from+1) }

// weighted draws an index below n.
func (s *Source) weighted(n int, weight func(int) float64) int {
	sum := 0.0
	for i := range n {
		sum += weight(i)
	}
	at := s.rng.Float64() * sum
	for i := range n {
		if at -= weight(i); at < 0 {
			return i
		}
	}
	return n - 1
}
