package producer

import (
	"sync"
	"sync/atomic"

	"github.com/stepwell/stepwell/clients/go/internal/spool"
)

// Column is where points of one key, and one model, are logged one by one.
type Column struct {
	opening      *Opening
	key, modelID string
	current      atomic.Pointer[spool.Chunk]
	// Whether the sender is to look at it. It says no before it looks, and a thread looks here after it stored its mark:
	// one of the two sees the other.
	isDirty atomic.Bool

	mu sync.Mutex
	// Chunks that may hold what the sender has not seen, the current one last.
	chunks   []*spool.Chunk
	isSealed bool
}

// Put logs a point. It answers false where the slow way is needed.
func (c *Column) Put(step, timestampMs int64, value float64) bool {
	chunk := c.current.Load()
	if chunk == nil || !chunk.Put(step, timestampMs, value) {
		return false
	}
	if !c.isDirty.Load() {
		c.opening.producer.markDirty(c)
	}
	return true
}

// putSlowly takes another chunk where the current one is full. It answers false where there is no room.
func (c *Column) putSlowly(step, timestampMs int64, value float64) bool {
	for !c.Put(step, timestampMs, value) {
		if !c.grow() {
			return false
		}
	}
	return true
}

func (c *Column) grow() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.isSealed {
		return false
	}
	size := 0
	current := c.current.Load()
	if current != nil {
		if !current.IsFull() {
			// Another thread was here first.
			return true
		}
		size = current.NextSize()
		c.opening.producer.spool.Seal(current)
	}
	next := c.opening.producer.spool.TakeChunk(size, c.opening.raw, c.opening.number, c.key, c.modelID)
	if next == nil {
		return false
	}
	c.chunks = append(c.chunks, next)
	c.current.Store(next)
	return true
}

// seal lets nobody log here any more.
func (c *Column) seal() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.isSealed = true
	if current := c.current.Load(); current != nil {
		c.opening.producer.spool.Seal(current)
	}
}

// take answers what was logged since the last look. For the sending thread alone.
func (c *Column) take() []spool.Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	var spans []spool.Span
	left := c.chunks[:0]
	for _, chunk := range c.chunks {
		spans = chunk.Scan(spans)
		if !chunk.IsScanned() {
			left = append(left, chunk)
		}
	}
	clear(c.chunks[len(left):])
	c.chunks = left
	return spans
}

// isDrained says whether the sender has all that will ever be logged here, once it is sealed.
func (c *Column) isDrained() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.chunks) == 0
}
