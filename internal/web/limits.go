package web

import "time"

// Bounds of the people's listener. A page of TIMS is small and its users are
// few; whatever is larger or slower is a mistake or an attack.
const (
	// maxBody bounds a form: the largest is a party of fifty typed by hand.
	maxBody = 64 << 10
	// maxHeader bounds a request's header, cookies of all nodes of a host included.
	maxHeader = 16 << 10
	// maxTime bounds a handler; a commit takes milliseconds, a search at the
	// centre seconds.
	maxTime = 15 * time.Second

	headerTimeout = 5 * time.Second
	readTimeout   = 15 * time.Second
	// writeTimeout leaves a handler its maxTime and a thin line 15 s for the page.
	writeTimeout = 30 * time.Second
	idleTimeout  = 2 * time.Minute
	// shutdownGrace is what acts in flight get to become durable.
	shutdownGrace = 10 * time.Second

	// streamBuffer is how far a subscriber may lag. A screen that is 64 events
	// behind is served better by a new connection with the state of now.
	streamBuffer = 64
	heartbeat    = 15 * time.Second
	// streamWrite bounds one write to a stream: a browser that takes nothing
	// for so long is gone.
	streamWrite = 10 * time.Second

	// maxPage bounds a rendered page; 8 MiB is a search of 10,000 crossings.
	maxPage = 8 << 20
	// maxAcceptLanguage is how much of that header is looked at.
	maxAcceptLanguage = 256
	// preferenceAge is how long a browser keeps language and theme.
	preferenceAge = 365 * 24 * time.Hour
	// maxStack bounds the stack in a journal line after a panic.
	maxStack = 8 << 10
)
