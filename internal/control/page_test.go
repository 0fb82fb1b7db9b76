package control_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/drovertest"
)

func TestAPageOfLargeThingsEndsEarly(t *testing.T) {
	n := drovertest.Start(t, drovertest.Options{})
	if err := n.Call(iot.CreateThingType, iot.CreateThingTypeRequest{ThingTypeName: "press"}, nil); err != nil {
		t.Fatal(err)
	}
	large := map[string]string{}
	for i := range 50 {
		large[fmt.Sprint("a", i)] = strings.Repeat("v", 800)
	}
	const many = 90
	for i := range many {
		in := iot.CreateThingRequest{
			ThingName: fmt.Sprintf("press-%02d", i), ThingTypeName: "press", AttributePayload: &iot.AttributePayload{Attributes: large},
		}
		if err := n.Call(iot.CreateThing, in, nil); err != nil {
			t.Fatal(err)
		}
	}
	seen, pages, token := 0, 0, ""
	for ; pages == 0 || token != ""; pages++ {
		var page iot.ListThingsAnswer
		if err := n.Call(iot.ListThings, iot.ListThingsRequest{MaxResults: 250, NextToken: token}, &page); err != nil {
			t.Fatal(err)
		}
		for _, thing := range page.Things {
			if want := fmt.Sprintf("press-%02d", seen); thing.ThingName != want {
				t.Fatalf("got %s, want %s", thing.ThingName, want)
			}
			seen++
		}
		if len(page.Things) > 50 {
			t.Errorf("a page has %d things of 40 kB", len(page.Things))
		}
		token = page.NextToken
	}
	if seen != many || pages != 2 {
		t.Errorf("%d things on %d pages, want %d on 2", seen, pages, many)
	}
}
