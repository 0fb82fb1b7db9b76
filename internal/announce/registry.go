package announce

import (
	"strings"

	"github.com/google/uuid"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/events"
	"github.com/drover-iot/drover/internal/store"
)

func (d *Door) registered(e store.Event) events.Registered {
	return events.Registered{
		Head:      headOf(e, e.Kind.String()+"_EVENT", e.At.UnixMilli(), strings.ToUpper(word(e))),
		AccountID: d.scope.Account,
	}
}

func (d *Door) thing(e store.Event) any {
	t := e.Thing
	return events.Thing{
		Registered: d.registered(e), ThingID: t.UID, ThingName: t.Name, VersionNumber: t.Version,
		ThingTypeName: orNull(t.Type), Attributes: pairs(t.Attributes),
	}
}

// orNull is s, or null if it is empty.
func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// pairs is m, and never null.
func pairs(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}

func (d *Door) thingType(e store.Event) any {
	y := e.Type
	b := events.Type{
		Registered: d.registered(e), ThingTypeID: y.UID, ThingTypeName: y.Name, IsDeprecated: !y.DeprecatedAt.IsZero(),
		SearchableAttributes: append([]string{}, y.Searchable...), Description: y.Description,
	}
	if b.IsDeprecated {
		at := y.DeprecatedAt.UnixMilli()
		b.DeprecationDate = &at
	}
	return b
}

func (d *Door) association(e store.Event) any {
	return events.Association{Registered: d.registered(e), ThingID: e.Thing.UID, ThingName: e.Thing.Name, ThingTypeName: e.Type.Name}
}

func (d *Door) group(e store.Event) any {
	g := e.Group
	b := events.Group{
		Registered: d.registered(e), ThingGroupID: g.UID, ThingGroupName: g.Name, VersionNumber: g.Version,
		Description: g.Description, RootToParentThingGroups: []events.GroupName{}, Attributes: pairs(g.Attributes),
	}
	for _, a := range e.Above {
		b.RootToParentThingGroups = append(b.RootToParentThingGroups, events.GroupName{
			GroupARN: d.scope.ARN(awsapi.ResourceThingGroup, a.Name), GroupID: a.UID,
		})
		b.ParentGroupName, b.ParentGroupID = &a.Name, &a.UID
	}
	return b
}

func (d *Door) hierarchy(e store.Event) any {
	parent := e.Above[len(e.Above)-1]
	return events.Hierarchy{
		Registered: d.registered(e), ThingGroupID: parent.UID, ThingGroupName: parent.Name,
		ChildGroupID: e.Group.UID, ChildGroupName: e.Group.Name,
	}
}

// membership is the body of an event of a membership. Its id is made of the ids
// of group and thing, so that both its events have the same.
func (d *Door) membership(e store.Event) any {
	return events.Membership{
		Registered: d.registered(e),
		GroupARN:   d.scope.ARN(awsapi.ResourceThingGroup, e.Group.Name), GroupID: e.Group.UID,
		ThingARN: d.scope.ARN(awsapi.ResourceThing, e.Thing.Name), ThingID: e.Thing.UID,
		MembershipID: uuid.NewSHA1(uuid.NameSpaceOID, []byte(e.Group.UID+e.Thing.UID)).String(),
	}
}
