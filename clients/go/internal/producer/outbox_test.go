package producer

import (
	"slices"
	"testing"
)

func filled(sizes ...int) *outbox {
	o := &outbox{first: 1}
	for _, size := range sizes {
		o.add(&batch{request: make([]byte, size)})
	}
	return o
}

// sizes of the batches that may be sent now.
func (o *outbox) takeAll() (sizes []int) {
	for b := o.take(); b != nil; b = o.take() {
		sizes = append(sizes, len(b.request))
	}
	return sizes
}

func TestAfterAReconnectNoMoreIsUnderWayThanTheNewWindow(t *testing.T) {
	o := filled(100, 200, 300, 5_000, 50)
	settled := 0
	settle := func(*batch) { settled++ }
	o.welcome(0, 10_000, settle)
	if sent := o.takeAll(); !slices.Equal(sent, []int{100, 200, 300, 5_000, 50}) {
		t.Fatalf("sent %v", sent)
	}
	o.disconnected()
	if sent := o.takeAll(); len(sent) > 1 {
		t.Errorf("without a stream %v were sent", sent)
	}
	// The first one is on the daemon's disk.
	o.welcome(1, 500, settle)
	if sent := o.takeAll(); settled != 1 || !slices.Equal(sent, []int{200, 300}) {
		t.Fatalf("%d settled, sent %v", settled, sent)
	}
	o.acknowledge(2, settle)
	if sent := o.takeAll(); len(sent) != 0 {
		t.Fatalf("sent %v", sent)
	}
	// One that was cut for a larger window goes alone.
	o.acknowledge(3, settle)
	if sent := o.takeAll(); !slices.Equal(sent, []int{5_000}) {
		t.Fatalf("sent %v", sent)
	}
	o.acknowledge(5, settle)
	if settled != 5 || o.bytes != 0 || o.inFlightBytes != 0 || o.next() != 6 {
		t.Errorf("%+v", o)
	}
}

func TestARewindGoesBackToWhatIsExpectedOnce(t *testing.T) {
	o := filled(1, 2, 3, 4)
	o.welcome(0, 100, func(*batch) {})
	o.takeAll()
	o.rewind(3)
	if sent := o.takeAll(); !slices.Equal(sent, []int{3, 4}) || o.inFlightBytes != 10 {
		t.Fatalf("sent %v, %d bytes are under way", sent, o.inFlightBytes)
	}
	// What was under way behind the gap is answered with the same request.
	o.rewind(3)
	if sent := o.takeAll(); len(sent) != 0 {
		t.Errorf("sent %v", sent)
	}
	o.rewind(2)
	if sent := o.takeAll(); !slices.Equal(sent, []int{2, 3, 4}) {
		t.Errorf("sent %v", sent)
	}
}

func TestARefusalOfABatchThatIsSentAgainCountsOnce(t *testing.T) {
	o := filled(1, 1)
	first, b := o.reject(2, kindParam, 0, 1)
	again, _ := o.reject(2, kindParam, 0, 1)
	end, _ := o.reject(2, 5, 0, 1)
	unknown, none := o.reject(3, kindParam, 0, 1)
	if first != 1 || again != 0 || end != 0 || unknown != 0 || b == nil || none != nil {
		t.Errorf("counted %d, %d, %d, %d", first, again, end, unknown)
	}
}
