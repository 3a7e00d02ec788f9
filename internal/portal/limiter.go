package portal

import "tims/internal/web"

// newLimiter counts look-ups of receipts.
func newLimiter() *web.Limiter {
	return &web.Limiter{Span: lookupSpan, Each: lookupsEach, All: lookupsAll, Visitors: maxVisitors}
}
